import { describe, expect, it } from "@jest/globals";
import { googleProtobuf, googleRpc } from "@weft/contracts/grpc";
import { eventually } from "@weft/testkit";
import { type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";
import { foreignClient, type GrpcAnswer } from "./foreign-client.ts";
import { reflectionClient } from "./reflection-client.ts";

const service = "inventory.v1.InventoryService";

/** `inventory.v1.InventoryService`, asked by clients that nobody here wrote; its effects are read back over HTTP. */
export function inventoryGrpc(mesh: MeshFixture) {
  const { stock } = things(mesh);
  const call = foreignClient(mesh, {
    service: "warehouse-inventory-service",
    proto: "inventory/v1/inventory.proto",
    name: service,
  });
  const stockOf = async (productId: string, warehouseId = "wh_1") =>
    (await mesh.api("GET", `/v1/inventory/products/${productId}/warehouses/${warehouseId}`)).data.stock;
  const counted = async (onHand: number) => {
    const productId = unique("prod");
    await stock(productId, "wh_1", onHand);
    return productId;
  };
  const request = (items: Record<string, number>, fields: object = {}) => ({
    reservation_id: unique("shp"),
    order_id: unique("order"),
    warehouse_id: "wh_1",
    items: Object.entries(items).map(([product_id, quantity]) => ({ product_id, quantity })),
    ...fields,
  });
  const check = (productId: string, quantity?: number) =>
    call("CheckStock", { product_id: productId, warehouse_id: "wh_1", quantity });
  const release = (reservationId: string) => call("ReleaseStock", { reservation_id: reservationId });
  const invalid = { status: "INVALID_ARGUMENT", code: "VALIDATION_ERROR" };

  describe("inventory: inventory.v1.InventoryService/CheckStock", () => {
    it("says what is available, and whether it is enough; a quantity that is not given is 1 [OK]", async () => {
      const productId = await counted(5);
      await call("ReserveStock", request({ [productId]: 2 }));
      const answer = { product_id: productId, warehouse_id: "wh_1", available: 3, reserved: 2 };
      expect(await check(productId, 3)).toEqual({ status: "OK", response: { ...answer, in_stock: true } });
      expect(await check(productId, 4)).toEqual({ status: "OK", response: { ...answer, in_stock: false } });
      expect((await check(productId)).response.in_stock).toBe(true);
      const soldOut = await counted(0);
      expect((await check(soldOut)).response).toMatchObject({ available: 0, in_stock: false });
    });

    it("says where nothing was ever counted [STOCK_NOT_FOUND]", async () => {
      const productId = unique("prod");
      const answer = await check(productId, 1);
      expect(answer).toMatchObject({ status: "NOT_FOUND", code: "STOCK_NOT_FOUND" });
      expect(detailsOf(answer)).toEqual({ warehouse_id: "wh_1", product_ids: [productId] });
    });

    it("names wrong fields as they are in the contract [VALIDATION_ERROR]", async () => {
      expect(await call("CheckStock", {})).toMatchObject({ ...invalid, fields: ["product_id", "warehouse_id"] });
      const wrong = { product_id: "a b", warehouse_id: "wh_1", quantity: -1 };
      expect(await call("CheckStock", wrong)).toMatchObject({ ...invalid, fields: ["product_id", "quantity"] });
    });
  });

  describe("inventory: inventory.v1.InventoryService/ReserveStock", () => {
    it("reserves every item, and publishes StockChanged of each [OK]", async () => {
      const [one, two] = [await counted(5), await counted(1)];
      const asked = request({ [one]: 3, [two]: 1 });
      expect(await call("ReserveStock", asked)).toEqual({
        status: "OK",
        response: { reservation_id: asked.reservation_id },
      });
      expect(await stockOf(one)).toMatchObject({ onHand: 5, reserved: 3, available: 2 });
      expect(await stockOf(two)).toMatchObject({ onHand: 1, reserved: 1, available: 0 });
      for (const productId of [one, two]) {
        const events = await mesh.events(productId, 2);
        expect(events[1]!.envelope).toMatchObject({ eventType: "StockChanged", data: await stockOf(productId) });
      }
    });

    it("gives the same id the first answer, also many times at once [OK]", async () => {
      const productId = await counted(4);
      const asked = request({ [productId]: 2 });
      const answers = await Promise.all(Array.from({ length: 8 }, () => call("ReserveStock", asked)));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]!.status).toBe("OK");
      expect((await stockOf(productId)).reserved).toBe(2);
      expect(await mesh.events(productId, 2)).toHaveLength(2);
    });

    it("releases what no shipment confirms in time [OK]", async () => {
      const productId = await counted(4);
      const asked = request({ [productId]: 4 });
      await call("ReserveStock", asked);
      // A minute passes.
      const aged = "update reservations set expires_at = now() - interval '1 s' where reservation_id = $1 returning 1";
      expect(await mesh.rows("warehouse_inventory", aged, [asked.reservation_id])).toHaveLength(1);
      await eventually("it is released", async () => (await stockOf(productId)).reserved === 0);
      expect((await call("ReserveStock", asked)).status).toBe("OK");
      expect((await stockOf(productId)).reserved).toBe(4);
    });

    it("takes nothing where one item is short, and says which [INSUFFICIENT_STOCK]", async () => {
      const [one, two] = [await counted(5), await counted(1)];
      const answer = await call("ReserveStock", request({ [one]: 5, [two]: 2 }));
      expect(answer).toMatchObject({ status: "FAILED_PRECONDITION", code: "INSUFFICIENT_STOCK" });
      expect(detailsOf(answer)).toEqual({
        warehouse_id: "wh_1",
        items: [{ product_id: two, quantity: 2, available: 1 }],
      });
      for (const productId of [one, two]) expect((await stockOf(productId)).reserved).toBe(0);
    });

    it("promises the last units once, whoever asks at the same moment [OK] [INSUFFICIENT_STOCK]", async () => {
      const productId = await counted(7);
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => call("ReserveStock", request({ [productId]: 2 }))),
      );
      expect(answers.filter(({ status }) => status === "OK")).toHaveLength(3);
      expect(answers.filter(({ code }) => code === "INSUFFICIENT_STOCK")).toHaveLength(9);
      expect(await stockOf(productId)).toMatchObject({ onHand: 7, reserved: 6, available: 1 });
    });

    it("takes nothing where something was never counted [STOCK_NOT_FOUND]", async () => {
      const [productId, unknown] = [await counted(5), unique("prod")];
      const answer = await call("ReserveStock", request({ [productId]: 1, [unknown]: 1 }));
      expect(answer).toMatchObject({ status: "NOT_FOUND", code: "STOCK_NOT_FOUND" });
      expect(detailsOf(answer)).toEqual({ warehouse_id: "wh_1", product_ids: [unknown] });
      expect((await stockOf(productId)).reserved).toBe(0);
    });

    it("refuses an id that stands for other goods [CONFLICT]", async () => {
      const productId = await counted(5);
      await stock(productId, "wh_2", 5);
      const asked = request({ [productId]: 2 });
      await call("ReserveStock", asked);
      const refused = { status: "FAILED_PRECONDITION", code: "CONFLICT" };
      for (const other of [{ items: [{ product_id: productId, quantity: 1 }] }, { warehouse_id: "wh_2" }]) {
        expect(await call("ReserveStock", { ...asked, ...other })).toMatchObject(refused);
      }
      expect((await stockOf(productId)).reserved).toBe(2);
    });

    it("names wrong fields as they are in the contract [VALIDATION_ERROR]", async () => {
      const fields = ["items", "order_id", "reservation_id", "warehouse_id"];
      expect(await call("ReserveStock", {})).toMatchObject({ ...invalid, fields });
      const items = [{ quantity: 1 }, { product_id: "p1" }, { product_id: "p2", quantity: -1 }];
      const wrong = ["items.0.product_id", "items.1.quantity", "items.2.quantity"];
      expect(await call("ReserveStock", request({}, { items }))).toMatchObject({ ...invalid, fields: wrong });
      const twice = [1, 2].map((quantity) => ({ product_id: "p1", quantity }));
      const named = { ...invalid, fields: ["items.1.product_id"] };
      expect(await call("ReserveStock", request({}, { items: twice }))).toMatchObject(named);
      const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`p${n}`, 1]));
      expect(await call("ReserveStock", request(many))).toMatchObject({ ...invalid, fields: ["items"] });
    });
  });

  describe("inventory: inventory.v1.InventoryService/ReleaseStock", () => {
    it("gives a reservation back, once, however often it is asked to [OK]", async () => {
      const productId = await counted(5);
      const asked = request({ [productId]: 2 });
      await call("ReserveStock", asked);
      const answers = await Promise.all(Array.from({ length: 4 }, () => release(asked.reservation_id)));
      expect(answers).toEqual(
        answers.map(() => ({ status: "OK", response: { reservation_id: asked.reservation_id } })),
      );
      expect(await stockOf(productId)).toMatchObject({ onHand: 5, reserved: 0 });
      const events = await mesh.events(productId, 3);
      expect(events.map(({ envelope }) => envelope.data.reserved)).toEqual([0, 2, 0]);
    });

    it("changes nothing for an id that nobody has [OK]", async () => {
      expect((await release(unique("shp"))).status).toBe("OK");
    });

    it("names wrong fields as they are in the contract [VALIDATION_ERROR]", async () => {
      expect(await release("")).toMatchObject({ ...invalid, fields: ["reservation_id"] });
      expect(await release("a b")).toMatchObject({ ...invalid, fields: ["reservation_id"] });
    });
  });

  describe("a client without generated code", () => {
    const address = () =>
      mesh.mesh.runtime().services.find(({ name }) => name === "warehouse-inventory-service")!.grpc!;

    it.each(["v1", "v1alpha"] as const)("lists the services and calls one through reflection %s", async (version) => {
      const productId = await counted(5);
      const client = reflectionClient(address(), version);
      expect(await client.services()).toContain(service);
      expect(await client.call(service, "CheckStock", { product_id: productId, warehouse_id: "wh_1" })).toEqual({
        status: "OK",
        response: { product_id: productId, warehouse_id: "wh_1", available: 5, reserved: 0, in_stock: true },
      });
      expect(await client.call(service, "CheckStock", {})).toEqual({ status: "INVALID_ARGUMENT" });
      expect(await client.call("inventory.v1.Nothing", "Any", {})).toEqual({ status: "NOT_FOUND" });
    });
  });
}

/** What is told of an error besides its code. */
function detailsOf({ metadata }: GrpcAnswer): unknown {
  const [bytes] = metadata!.get("grpc-status-details-bin") as Buffer[];
  const struct = googleRpc.Status.decode(bytes!).details.find(({ typeUrl }) =>
    typeUrl.endsWith("google.protobuf.Struct"),
  );
  return googleProtobuf.Struct.unwrap(googleProtobuf.Struct.decode(struct!.value));
}
