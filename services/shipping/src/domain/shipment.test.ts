import { describe, expect, it } from "@jest/globals";
import { changeStatus, createShipment, type NewShipment, type ShipmentStatus } from "./shipment.ts";

const created = new Date("2026-03-01T10:00:00Z");
const later = new Date("2026-03-02T10:00:00Z");
const input: NewShipment = {
  shipmentId: "shp_1",
  orderId: "order_1",
  customerId: "cust_1",
  fulfillmentEntity: { type: "warehouse", id: "wh_1" },
  items: [{ productId: "prod_1", sku: "SKU-1", quantity: 2 }],
};
const shipment = createShipment(input, created);
const statuses: ShipmentStatus[] = ["created", "picked", "shipped", "delivered", "cancelled"];

describe("shipment", () => {
  it("begins as created", () => {
    expect(shipment).toEqual({ ...input, status: "created", createdAt: created, updatedAt: created });
  });

  it("goes created → picked → shipped → delivered, and is cancelled until it is shipped, and nothing else", () => {
    const allowed: string[] = [];
    for (const from of statuses) {
      for (const to of statuses.filter((status) => status !== from)) {
        const change = () => changeStatus({ ...shipment, status: from }, to, later);
        try {
          expect(change()).toEqual({
            shipmentId: "shp_1",
            orderId: "order_1",
            customerId: "cust_1",
            from,
            to,
            changedAt: later,
          });
          allowed.push(`${from} → ${to}`);
        } catch (error) {
          expect(error).toMatchObject({ code: "INVALID_TRANSITION", details: { from, to } });
        }
      }
    }
    expect(allowed).toEqual([
      "created → picked",
      "created → cancelled",
      "picked → shipped",
      "picked → cancelled",
      "shipped → delivered",
    ]);
  });

  it("refuses a step for ever where no other steps lead there, and for now where some do", () => {
    const forNow: string[] = [];
    for (const from of statuses) {
      for (const to of statuses.filter((status) => status !== from)) {
        try {
          changeStatus({ ...shipment, status: from }, to, later);
        } catch (error) {
          if (!(error as { isFinal: boolean }).isFinal) forNow.push(`${from} → ${to}`);
        }
      }
    }
    expect(forNow).toEqual(["created → shipped", "created → delivered", "picked → delivered"]);
  });

  it("says nothing where it has the status already", () => {
    for (const status of statuses) expect(changeStatus({ ...shipment, status }, status, later)).toBeUndefined();
  });
});
