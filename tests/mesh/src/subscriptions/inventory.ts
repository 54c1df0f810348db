import { describe, expect, it } from "@jest/globals";
import type { EventData } from "@weft/contracts";
import { foreignClient } from "../grpc/foreign-client.ts";
import { envelope, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

type Status = EventData<"ShipmentStatusChanged">["to"];

/** What warehouse-inventory reads: shipments, which confirm, release and take out what is reserved under their ids. */
export function inventorySubscriptions(mesh: MeshFixture) {
  const { stock } = things(mesh);
  const database = "warehouse_inventory";
  const call = foreignClient(mesh, {
    service: "warehouse-inventory-service",
    proto: "inventory/v1/inventory.proto",
    name: "inventory.v1.InventoryService",
  });
  const stockOf = async (productId: string) =>
    (await mesh.api("GET", `/v1/inventory/products/${productId}/warehouses/wh_1`)).data.stock;
  const shipmentOf = (shipmentId: string, productId: string, quantity: number): EventData<"ShipmentCreated"> => ({
    shipmentId,
    orderId: "order_1",
    fulfillmentEntity: { type: "warehouse", id: "wh_1" },
    items: [{ productId, sku: "S", quantity }],
  });
  const created = (shipmentId: string, productId: string, quantity: number) =>
    mesh.publish("ShipmentCreated", shipmentOf(shipmentId, productId, quantity), database);
  const changed = (shipmentId: string, from: Status, to: Status) =>
    mesh.publish(
      "ShipmentStatusChanged",
      { shipmentId, orderId: "order_1", from, to, changedAt: new Date().toISOString() },
      database,
    );
  /** Five units of a new product, some of them reserved under the id of a shipment. */
  async function scene(quantity: number) {
    const [productId, shipmentId] = [unique("prod"), unique("shp")];
    await stock(productId, "wh_1", 5);
    if (quantity > 0) {
      const items = [{ product_id: productId, quantity }];
      const asked = { reservation_id: shipmentId, order_id: "order_1", warehouse_id: "wh_1", items };
      expect((await call("ReserveStock", asked)).status).toBe("OK");
    }
    return { productId, shipmentId };
  }
  /** As if a minute had passed: what is held is released within a second, what is confirmed is not. */
  async function pass(shipmentId: string): Promise<string> {
    await mesh.rows(
      database,
      "update reservations set expires_at = now() where reservation_id = $1 and status = 'held'",
      [shipmentId],
    );
    const { productId } = await scene(0);
    // A hold that is overdue later than the other: when it is gone, the sweep has been there.
    const marker = unique("shp");
    const items = [{ product_id: productId, quantity: 1 }];
    await call("ReserveStock", { reservation_id: marker, order_id: "order_1", warehouse_id: "wh_1", items });
    await mesh.rows(database, "update reservations set expires_at = now() where reservation_id = $1", [marker]);
    await mesh.events(productId, 3);
    const sql = "select status from reservations where reservation_id = $1";
    const [row] = await mesh.rows<{ status: string }>(database, sql, [shipmentId]);
    return row!.status;
  }

  describe("shipping.events → warehouse-inventory-service", () => {
    it("confirms what was held, which then does not expire [ShipmentCreated]", async () => {
      const { productId, shipmentId } = await scene(2);
      await created(shipmentId, productId, 2);
      expect(await pass(shipmentId)).toBe("confirmed");
      expect(await stockOf(productId)).toMatchObject({ onHand: 5, reserved: 2, available: 3 });
      // Nothing changed for anybody else: nothing was published.
      expect(await mesh.events(productId, 2)).toHaveLength(2);
    });

    it("reads the older minor of a producer that is not ours [ShipmentCreated 1.0]", async () => {
      const { productId, shipmentId } = await scene(0);
      const event = envelope("ShipmentCreated", shipmentOf(shipmentId, productId, 2), {
        version: "1.0",
        source: "weft-cli",
      });
      await mesh.send(event);
      await mesh.effect(database, event.eventId);
      expect(await stockOf(productId)).toMatchObject({ onHand: 5, reserved: 2, available: 3 });
    });

    it("takes again what has expired, even where more is promised then than there is [ShipmentCreated]", async () => {
      const { productId, shipmentId } = await scene(4);
      expect(await pass(shipmentId)).toBe("released");
      const items = [{ product_id: productId, quantity: 3 }];
      const other = { reservation_id: unique("shp"), order_id: "order_2", warehouse_id: "wh_1", items };
      expect((await call("ReserveStock", other)).status).toBe("OK");
      await created(shipmentId, productId, 4);
      expect(await stockOf(productId)).toMatchObject({ onHand: 5, reserved: 7, available: -2 });
      const events = await mesh.events(productId, 5);
      expect(events.at(-1)!.envelope.data).toMatchObject({ reserved: 7, available: -2 });
      await expectOversoldCounted(mesh);
    });

    it("releases what is cancelled, and takes what is shipped out of the shelves, once [ShipmentStatusChanged]", async () => {
      const cancelled = await scene(2);
      await created(cancelled.shipmentId, cancelled.productId, 2);
      await changed(cancelled.shipmentId, "created", "cancelled");
      expect(await stockOf(cancelled.productId)).toMatchObject({ onHand: 5, reserved: 0, available: 5 });

      const { productId, shipmentId } = await scene(2);
      await created(shipmentId, productId, 2);
      await changed(shipmentId, "created", "picked");
      expect(await stockOf(productId)).toMatchObject({ onHand: 5, reserved: 2 });
      await changed(shipmentId, "picked", "shipped");
      expect(await stockOf(productId)).toMatchObject({ onHand: 3, reserved: 0, available: 3 });
      await changed(shipmentId, "shipped", "delivered");
      await created(shipmentId, productId, 2);
      expect((await call("ReleaseStock", { reservation_id: shipmentId })).status).toBe("OK");
      expect(await stockOf(productId)).toMatchObject({ onHand: 3, reserved: 0, available: 3 });
    });

    it("is not confused by a status that comes first [ShipmentStatusChanged] [ShipmentCreated]", async () => {
      const cancelled = await scene(0);
      await changed(cancelled.shipmentId, "created", "cancelled");
      await created(cancelled.shipmentId, cancelled.productId, 2);
      expect(await stockOf(cancelled.productId)).toMatchObject({ onHand: 5, reserved: 0 });

      const shipped = await scene(0);
      await changed(shipped.shipmentId, "picked", "shipped");
      expect(await stockOf(shipped.productId)).toMatchObject({ onHand: 5, reserved: 0 });
      await created(shipped.shipmentId, shipped.productId, 7);
      expect(await stockOf(shipped.productId)).toMatchObject({ onHand: 0, reserved: 0, available: 0 });
    });

    it("leaves alone what a store sends, and products that were never counted [ShipmentCreated]", async () => {
      const { productId } = await scene(0);
      const fulfillmentEntity = { type: "store" as const, id: "wh_1" };
      await mesh.publish(
        "ShipmentCreated",
        { ...shipmentOf(unique("shp"), productId, 1), fulfillmentEntity },
        database,
      );
      expect((await stockOf(productId)).reserved).toBe(0);
      const unknown = unique("prod");
      await created(unique("shp"), unknown, 2);
      expect(await stockOf(unknown)).toBeUndefined();
      // What is promised of them counts from the first count on.
      await stock(unknown, "wh_1", 3);
      expect(await stockOf(unknown)).toMatchObject({ onHand: 3, reserved: 2, available: 1 });
    });
  });
}

/** Somebody has to know that more was promised than there is. */
async function expectOversoldCounted(mesh: MeshFixture): Promise<void> {
  const metrics = await (await fetch(`${mesh.url("warehouse-inventory-service")}/metrics`)).text();
  expect(metrics).toMatch(/^weft_inventory_oversold_total(\{[^}]*\})? [1-9]/m);
}
