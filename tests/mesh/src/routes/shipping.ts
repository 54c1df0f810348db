import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { foreignClient } from "../grpc/foreign-client.ts";
import { expectError, expectInvalid, type MeshFixture, soon, unique } from "../http/mesh-fixture.ts";

interface StockShown {
  onHand: number;
  reserved: number;
  available: number;
}

interface Place {
  productId: string;
  warehouseId: string;
}

/** The routes of shipping, and what they do to the stock of a warehouse. */
export function shippingRoutes(mesh: MeshFixture) {
  const post = (body: unknown, request: object = {}) => mesh.api("POST", "/v1/shipments", { body, ...request });
  const get = (shipmentId: string, token?: string | null) =>
    mesh.api("GET", `/v1/shipments/${shipmentId}`, token === undefined ? {} : { token });
  const list = (query: string, token?: string | null) =>
    mesh.api("GET", `/v1/shipments?${query}`, token === undefined ? {} : { token });
  const patch = (shipmentId: string, body: unknown, token?: string | null) =>
    mesh.api("PATCH", `/v1/shipments/${shipmentId}`, { body, ...(token === undefined ? {} : { token }) });

  const stockPath = (productId: string, warehouseId: string) =>
    `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
  const stockOf = async (productId: string, warehouseId: string): Promise<StockShown> =>
    (await mesh.api("GET", stockPath(productId, warehouseId))).data.stock;
  const counted = async (onHand: number) => {
    const [productId, warehouseId] = [unique("prod"), unique("wh")];
    const answer = await mesh.api("PUT", stockPath(productId, warehouseId), { body: { onHand } });
    expect(answer).toMatchObject({ status: 200 });
    return { productId, warehouseId };
  };
  const becomes = (place: Place, onHand: number, reserved: number) =>
    eventually(
      `${onHand} on hand, ${reserved} reserved`,
      async () => {
        const stock = await stockOf(place.productId, place.warehouseId);
        return stock.onHand === onHand && stock.reserved === reserved && stock.available === onHand - reserved;
      },
      soon,
    );

  const inventory = foreignClient(mesh, {
    service: "warehouse-inventory-service",
    proto: "inventory/v1/inventory.proto",
    name: "inventory.v1.InventoryService",
  });
  /** What an attempt to create a shipment leaves behind that died before its own commit. */
  const held = async (reservationId: string, place: Place, quantity: number) => {
    const answer = await inventory("ReserveStock", {
      reservation_id: reservationId,
      order_id: unique("order"),
      warehouse_id: place.warehouseId,
      items: [{ product_id: place.productId, quantity }],
    });
    expect(answer.status).toBe("OK");
  };

  /** From a store, so that no stock is needed. */
  const fromStore = <Fields extends object>(fields = {} as Fields) => ({
    orderId: unique("order"),
    customerId: unique("cust"),
    fulfillmentEntity: { type: "store", id: "store_7" },
    items: [{ productId: "prod_1", sku: "SKU-1", quantity: 1 }],
    ...fields,
  });
  const fromWarehouse = <Fields extends object>(place: Place, quantity: number, fields = {} as Fields) =>
    fromStore({
      fulfillmentEntity: { type: "warehouse", id: place.warehouseId },
      items: [{ productId: place.productId, sku: `SKU-${place.productId}`, quantity }],
      ...fields,
    });
  const shipment = async (fields: object = {}) => {
    const answer = await post(fromStore(fields));
    expect(answer.status).toBe(201);
    return answer.data.shipment as { shipmentId: string; orderId: string; customerId: string };
  };

  describe("shipping: POST /v1/shipments", () => {
    it("creates a shipment with all that may be said of it and publishes ShipmentCreated 1.1 with just that [201]", async () => {
      const { productId, warehouseId } = await counted(5);
      const body = fromWarehouse({ productId, warehouseId }, 2, {
        fulfillmentEntity: { type: "warehouse", id: warehouseId, name: "Hamburg", address: { city: "Hamburg" } },
        carrier: { name: "DHL", service: "express", trackingNumber: "JD0001" },
        estimatedDelivery: "2026-12-24T18:00:00+01:00",
      });
      const answer = await post(body);
      expect(answer.status).toBe(201);
      const made = answer.data.shipment;
      const estimatedDelivery = "2026-12-24T17:00:00.000Z";
      expect(made).toEqual({
        ...body,
        estimatedDelivery,
        shipmentId: expect.stringMatching(/^shp_.+/),
        status: "created",
        createdAt: expect.any(String),
        updatedAt: made.createdAt,
      });
      expect((await get(made.shipmentId)).data.shipment).toEqual(made);
      const [event] = await mesh.events(made.shipmentId);
      expect(event).toMatchObject({ topic: "shipping.events", headers: { "event-sequence": "1" } });
      expect(event!.envelope).toMatchObject({
        eventType: "ShipmentCreated",
        version: "1.1",
        source: "shipping-service",
      });
      expect(event!.envelope.data).toEqual({
        ...body,
        shipmentId: made.shipmentId,
        estimatedDelivery,
        createdAt: made.createdAt,
      });
    });

    it("leaves out of answer and event what was not told, and takes the client's own id [201]", async () => {
      const body = fromStore({ shipmentId: unique("shp") });
      const answer = await post(body);
      expect(answer.status).toBe(201);
      const { createdAt, updatedAt: _, status: __, ...told } = answer.data.shipment;
      expect(told).toEqual(body);
      const [event] = await mesh.events(answer.data.shipment.shipmentId);
      expect(event!.envelope.data).toEqual({ ...body, createdAt });
    });

    it.each(["store", "dropship", "3pl"])("asks no stock of a %s [201]", async (type) => {
      const body = fromStore({ fulfillmentEntity: { type, id: unique("entity") } });
      expect(await post(body)).toMatchObject({ status: 201, data: { shipment: { fulfillmentEntity: { type } } } });
    });

    it("reserves the stock before it answers, each product once however often it is named [201]", async () => {
      const place = await counted(5);
      const items = [1, 2].map((quantity) => ({ productId: place.productId, sku: `SKU-${quantity}`, quantity }));
      expect((await post(fromWarehouse(place, 1, { items }))).status).toBe(201);
      expect(await stockOf(place.productId, place.warehouseId)).toMatchObject({
        onHand: 5,
        reserved: 3,
        available: 2,
      });
    });

    it("refuses what the warehouse does not have, or was never counted there, and takes nothing of it [INSUFFICIENT_STOCK]", async () => {
      const place = await counted(2);
      expectError(await post(fromWarehouse(place, 3)), 409, "INSUFFICIENT_STOCK", {
        warehouse_id: place.warehouseId,
        items: [{ product_id: place.productId, quantity: 3, available: 2 }],
      });
      const nowhere = { productId: unique("prod"), warehouseId: place.warehouseId };
      const items = [place, nowhere].map(({ productId }) => ({ productId, sku: productId, quantity: 1 }));
      expectError(await post(fromWarehouse(place, 1, { items })), 409, "INSUFFICIENT_STOCK", {
        items: [{ product_id: nowhere.productId, quantity: 1, available: 0 }],
      });
      expect(await stockOf(place.productId, place.warehouseId)).toMatchObject({ onHand: 2, reserved: 0 });
    });

    it("refuses an id that is taken, also by a cancelled one, and holds nothing for it [SHIPMENT_EXISTS]", async () => {
      const place = await counted(5);
      const body = fromWarehouse(place, 2, { shipmentId: unique("shp") });
      expect((await post(body)).status).toBe(201);
      expectError(await post(body), 409, "SHIPMENT_EXISTS");
      await patch(body.shipmentId, { status: "cancelled" });
      await becomes(place, 5, 0);
      expectError(await post(body), 409, "SHIPMENT_EXISTS");
      expect((await stockOf(place.productId, place.warehouseId)).reserved).toBe(0);
    });

    it("creates one of many under the same id at the same moment, with the stock of one [SHIPMENT_EXISTS]", async () => {
      const place = await counted(20);
      const body = fromWarehouse(place, 2, { shipmentId: unique("shp") });
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
      expect(answers.map(({ status, error }) => error?.code ?? status).sort()).toEqual([
        201,
        ...Array(7).fill("SHIPMENT_EXISTS"),
      ]);
      expect((await stockOf(place.productId, place.warehouseId)).reserved).toBe(2);
    });

    it("says so when its id holds other items [CONFLICT]", async () => {
      const place = await counted(5);
      const shipmentId = unique("shp");
      await held(shipmentId, place, 2);
      expectError(await post(fromWarehouse(place, 1, { shipmentId })), 409, "CONFLICT");
      expectError(await get(shipmentId), 404, "SHIPMENT_NOT_FOUND");
      expect((await stockOf(place.productId, place.warehouseId)).reserved).toBe(2);
    });

    it("finds what its own first attempt holds, where it comes again with its id [201]", async () => {
      const place = await counted(2);
      const body = fromWarehouse(place, 2, { shipmentId: unique("shp") });
      await held(body.shipmentId, place, 2);
      expect((await post(body)).status).toBe(201);
      await becomes(place, 2, 2);
    });

    it("gives the stored answer to the same Idempotency-Key, with the stock of one [idempotent]", async () => {
      const place = await counted(5);
      const headers = { "Idempotency-Key": unique("key") };
      const body = fromWarehouse(place, 2);
      const first = await post(body, { headers });
      const again = await post(body, { headers });
      expect([first.status, again.status, again.headers.get("idempotency-replayed")]).toEqual([201, 201, "true"]);
      expect(again.data).toEqual(first.data);
      expectError(await post({ ...body, orderId: unique("order") }, { headers }), 422, "IDEMPOTENCY_KEY_REUSED");
      await becomes(place, 5, 2);
      expect((await list(`orderId=${body.orderId}`)).data.shipments).toHaveLength(1);
    });

    it("does not go on without inventory, and creates nothing [DEPENDENCY_FAILED]", async () => {
      const place = await counted(5);
      const body = fromWarehouse(place, 1, { shipmentId: unique("shp") });
      await mesh.whileFrozen("warehouse-inventory-service", async () => {
        const began = performance.now();
        expectError(await post(body), 503, "DEPENDENCY_FAILED", { dependency_service: "warehouse-inventory-service" });
        expect(performance.now() - began).toBeLessThan(13_000);
        expect((await post(fromStore())).status).toBe(201);
      });
      expectError(await get(body.shipmentId), 404, "SHIPMENT_NOT_FOUND");
      await eventually("it is created when inventory is back", async () => (await post(body)).status === 201, {
        timeoutMs: 60_000,
        everyMs: 500,
      });
      expect((await stockOf(place.productId, place.warehouseId)).reserved).toBe(1);
    }, 90_000);

    it("names what is wrong, field by field [VALIDATION_ERROR]", async () => {
      const refused = async (body: unknown, ...fields: string[]) => {
        const answer = await post(body);
        expectError(answer, 400, "VALIDATION_ERROR");
        expectInvalid(answer, ...fields);
      };
      await refused({}, "orderId", "customerId", "fulfillmentEntity", "items");
      await refused(
        fromStore({
          shipmentId: "not an id",
          status: "shipped",
          fulfillmentEntity: { type: "drone", name: "", address: "Hamburg", floor: 3 },
          carrier: { name: "DHL", phone: "1" },
          estimatedDelivery: "Thursday",
        }),
        "shipmentId",
        "status",
        "fulfillmentEntity.type",
        "fulfillmentEntity.id",
        "fulfillmentEntity.name",
        "fulfillmentEntity.address",
        "fulfillmentEntity.floor",
        "carrier.phone",
        "estimatedDelivery",
      );
      const item = { productId: "prod_1", sku: "SKU-1", quantity: 1 };
      await refused(
        fromStore({
          items: [{ ...item, quantity: 0 }, { ...item, quantity: 1.5 }, { ...item, price: 1 }, { sku: "S" }],
        }),
        "items.0.quantity",
        "items.1.quantity",
        "items.2.price",
        "items.3.productId",
        "items.3.quantity",
      );
      await refused(fromStore({ items: [] }), "items");
      await refused(fromStore({ items: Array(101).fill(item) }), "items");
      await refused(fromStore({ estimatedDelivery: "2016-12-31T23:59:60Z" }), "estimatedDelivery");
      await refused(fromStore({ carrier: null, estimatedDelivery: null }), "carrier", "estimatedDelivery");
    });

    it("is for admins [anonymous] [owner] [admin]", async () => {
      const body = fromStore();
      expect((await post(body, { token: null })).status).toBe(401);
      expect((await post(body, { token: mesh.token(body.customerId) })).status).toBe(403);
      expect((await list(`orderId=${body.orderId}`)).data.shipments).toEqual([]);
      expect((await post(body)).status).toBe(201);
    });
  });

  describe("shipping: GET /v1/shipments/{shipmentId}", () => {
    it("gives one [200]", async () => {
      const made = await shipment();
      const answer = await get(made.shipmentId);
      expect([answer.status, answer.data.shipment]).toEqual([200, made]);
    });

    it("does not find one that does not exist [SHIPMENT_NOT_FOUND]", async () => {
      expectError(await get(unique("shp")), 404, "SHIPMENT_NOT_FOUND");
    });

    it("shows customers their own [anonymous] [owner] [other] [admin]", async () => {
      const { shipmentId, customerId } = await shipment();
      expect((await get(shipmentId, null)).status).toBe(401);
      expect((await get(shipmentId, mesh.token(customerId))).status).toBe(200);
      expectError(await get(shipmentId, mesh.token(unique("cust"))), 403, "FORBIDDEN");
      expect((await get(shipmentId)).status).toBe(200);
    });
  });

  describe("shipping: GET /v1/shipments", () => {
    const idsOf = (answer: { data: { shipments: { shipmentId: string }[] } }) =>
      answer.data.shipments.map(({ shipmentId }) => shipmentId);

    it("lists those of an order, newest first [200]", async () => {
      const orderId = unique("order");
      const first = await shipment({ orderId });
      await shipment();
      const second = await shipment({ orderId });
      const answer = await list(`orderId=${orderId}`);
      expect([answer.status, answer.data.shipments]).toEqual([200, [second, first]]);
      expect(idsOf(await list(`orderId=${unique("order")}`))).toEqual([]);
    });

    it("lists all to an admin, and to customers their own, whatever they ask for [anonymous] [owner] [other] [admin]", async () => {
      const orderId = unique("order");
      const [own, others] = [await shipment({ orderId }), await shipment({ orderId })];
      const token = mesh.token(own.customerId);
      expect((await list(`orderId=${orderId}`, null)).status).toBe(401);
      expect(idsOf(await list(`orderId=${orderId}`, token))).toEqual([own.shipmentId]);
      expect(idsOf(await list("", token))).toEqual([own.shipmentId]);
      expect(idsOf(await list(`orderId=${orderId}`, mesh.token(unique("cust"))))).toEqual([]);
      expect(idsOf(await list("limit=100"))).toEqual(expect.arrayContaining([own.shipmentId, others.shipmentId]));
    });

    it("is walked page by page, each one once [cursor]", async () => {
      const orderId = unique("order");
      const made = [];
      for (let n = 0; n < 5; n++) made.push((await shipment({ orderId })).shipmentId);
      const first = await list(`orderId=${orderId}&limit=3`);
      const second = await list(`orderId=${orderId}&limit=3&cursor=${first.meta.nextCursor}`);
      expect([...idsOf(first), ...idsOf(second)]).toEqual(made.reverse());
      expect([idsOf(first).length, second.meta.nextCursor]).toEqual([3, undefined]);
    });

    it("refuses other parameters, and cursors that it did not give out [VALIDATION_ERROR]", async () => {
      expectInvalid(await list("status=created"), "status");
      expectInvalid(await list("cursor=bm90&limit=0"), "limit");
      const answer = await list("cursor=bm90");
      expectError(answer, 400, "VALIDATION_ERROR");
      expectInvalid(answer, "cursor");
    });
  });

  describe("shipping: PATCH /v1/shipments/{shipmentId}", () => {
    it("moves it on step by step, publishes each step once, and takes out of the stock what was shipped [200]", async () => {
      const place = await counted(5);
      const made = (await post(fromWarehouse(place, 2))).data.shipment;
      const { shipmentId, orderId, customerId } = made;
      for (const status of ["created", "picked", "picked", "shipped", "delivered", "delivered"]) {
        const answer = await patch(shipmentId, { status });
        expect([answer.status, answer.data.shipment?.status]).toEqual([200, status]);
      }
      const events = await mesh.events(shipmentId, 4);
      expect(events.slice(1).map(({ envelope: { eventType, data } }) => ({ eventType, data }))).toEqual(
        [
          ["created", "picked"],
          ["picked", "shipped"],
          ["shipped", "delivered"],
        ].map(([from, to]) => ({
          eventType: "ShipmentStatusChanged",
          data: { shipmentId, orderId, customerId, from, to, changedAt: expect.any(String) },
        })),
      );
      expect(events.map(({ headers }) => headers["event-sequence"])).toEqual(["1", "2", "3", "4"]);
      const after = (await get(shipmentId)).data.shipment;
      expect(after).toEqual({ ...made, status: "delivered", updatedAt: events[3]!.envelope.data.changedAt });
      await becomes(place, 3, 0);
    });

    it.each([["created"], ["picked"]])("cancels one that is %s, and gives its stock back [200]", async (status) => {
      const place = await counted(5);
      const { shipmentId } = (await post(fromWarehouse(place, 2))).data.shipment;
      await patch(shipmentId, { status });
      await becomes(place, 5, 2);
      expect(await patch(shipmentId, { status: "cancelled" })).toMatchObject({ status: 200 });
      await becomes(place, 5, 0);
    });

    it("refuses every other step and tells nobody [INVALID_TRANSITION]", async () => {
      const refused = async (shipmentId: string, from: string, ...statuses: string[]) => {
        for (const to of statuses) {
          expectError(await patch(shipmentId, { status: to }), 409, "INVALID_TRANSITION", { from, to });
        }
      };
      const { shipmentId } = await shipment();
      await refused(shipmentId, "created", "shipped", "delivered");
      await patch(shipmentId, { status: "picked" });
      await refused(shipmentId, "picked", "created", "delivered");
      await patch(shipmentId, { status: "shipped" });
      await refused(shipmentId, "shipped", "created", "picked", "cancelled");
      await patch(shipmentId, { status: "delivered" });
      await refused(shipmentId, "delivered", "created", "picked", "shipped", "cancelled");
      const other = await shipment();
      await patch(other.shipmentId, { status: "cancelled" });
      await refused(other.shipmentId, "cancelled", "created", "picked", "shipped", "delivered");
      // The last step of each comes after the refusals before it, so that an event too many would be there.
      expect(await mesh.events(shipmentId, 4)).toHaveLength(4);
    });

    it("moves it once for many at the same moment [200]", async () => {
      const { shipmentId } = await shipment();
      const answers = await Promise.all(Array.from({ length: 8 }, () => patch(shipmentId, { status: "picked" })));
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      await patch(shipmentId, { status: "shipped" });
      const events = await mesh.events(shipmentId, 3);
      expect(events.map(({ envelope }) => envelope.data.to)).toEqual([undefined, "picked", "shipped"]);
    });

    it("gives the stored answer to the same Idempotency-Key [idempotent]", async () => {
      const { shipmentId } = await shipment();
      const send = (status: string, headers: Record<string, string>) =>
        mesh.api("PATCH", `/v1/shipments/${shipmentId}`, { body: { status }, headers });
      const headers = { "Idempotency-Key": unique("key") };
      const first = await send("picked", headers);
      await patch(shipmentId, { status: "shipped" });
      const again = await send("picked", headers);
      expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([200, "true"]);
      expect(again.data).toEqual(first.data);
    });

    it("does not find one that does not exist [SHIPMENT_NOT_FOUND]", async () => {
      expectError(await patch(unique("shp"), { status: "picked" }), 404, "SHIPMENT_NOT_FOUND");
    });

    it("takes a status and nothing else [VALIDATION_ERROR]", async () => {
      const { shipmentId } = await shipment();
      expectInvalid(await patch(shipmentId, {}), "status");
      expectInvalid(await patch(shipmentId, { status: "lost" }), "status");
      const answer = await patch(shipmentId, { status: "picked", carrier: { name: "DHL" } });
      expectError(answer, 400, "VALIDATION_ERROR");
      expectInvalid(answer, "carrier");
    });

    it("is for admins [anonymous] [owner] [admin]", async () => {
      const { shipmentId, customerId } = await shipment();
      expect((await patch(shipmentId, { status: "picked" }, null)).status).toBe(401);
      expect((await patch(shipmentId, { status: "picked" }, mesh.token(customerId))).status).toBe(403);
      expect((await get(shipmentId)).data.shipment.status).toBe("created");
      expect((await patch(shipmentId, { status: "picked" })).status).toBe(200);
    });
  });
}
