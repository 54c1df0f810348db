import type { EventData } from "@weft/contracts";
import type { Database, Outbox } from "@weft/outbox";
import { aggregateStore } from "@weft/service-kit";
import type { ShipmentStore } from "../../application/ports.ts";
import { ShipmentExists, ShipmentNotFound } from "../../domain/errors.ts";
import type { Carrier, FulfillmentEntity, Shipment, ShipmentItem, ShipmentStatus } from "../../domain/shipment.ts";

type ShipmentEvent = "ShipmentCreated" | "ShipmentStatusChanged";

export function postgresShipmentStore(parts: { database: Database; outbox: Outbox<ShipmentEvent> }): ShipmentStore {
  const shipments = aggregateStore<Shipment, ShipmentEvent>(parts, {
    topic: "shipping.events",
    table: "shipments",
    id: "shipment_id",
    toRow: (shipment) => ({
      shipment_id: shipment.shipmentId,
      order_id: shipment.orderId,
      customer_id: shipment.customerId,
      fulfillment_entity: JSON.stringify(shipment.fulfillmentEntity),
      items: JSON.stringify(shipment.items),
      carrier: shipment.carrier === undefined ? null : JSON.stringify(shipment.carrier),
      estimated_delivery: shipment.estimatedDelivery ?? null,
      status: shipment.status,
      created_at: shipment.createdAt,
      updated_at: shipment.updatedAt,
    }),
    fromRow,
  });

  return {
    async create(shipment) {
      const { shipmentId } = shipment;
      const { isNew } = await shipments.create(shipment, [{ type: "ShipmentCreated", data: creation(shipment) }]);
      if (!isNew) throw new ShipmentExists({ shipmentId });
    },

    find: (shipmentId) => shipments.find(shipmentId),

    list: ({ orderId, customerId }, limit, before) =>
      shipments.list({ order_id: orderId, customer_id: customerId }, limit, before),

    async change(shipmentId, decide) {
      const shipment = await shipments.change(shipmentId, (before) => {
        const change = decide(before);
        if (change === undefined) return undefined;
        const { to, changedAt } = change;
        return {
          thing: { ...before, status: to, updatedAt: changedAt },
          events: [{ type: "ShipmentStatusChanged", data: { ...change, changedAt: changedAt.toISOString() } }],
        };
      });
      if (shipment === undefined) throw new ShipmentNotFound({ shipmentId });
      return shipment;
    },
  };
}

function creation({ status: _, updatedAt: __, ...shipment }: Shipment): EventData<"ShipmentCreated"> {
  const { estimatedDelivery, createdAt, ...rest } = shipment;
  return {
    ...rest,
    ...(estimatedDelivery === undefined ? {} : { estimatedDelivery: estimatedDelivery.toISOString() }),
    createdAt: createdAt.toISOString(),
  };
}

type ShipmentRow = {
  shipment_id: string;
  order_id: string;
  customer_id: string;
  fulfillment_entity: FulfillmentEntity;
  items: ShipmentItem[];
  carrier: Carrier | null;
  estimated_delivery: Date | null;
  status: ShipmentStatus;
  created_at: Date;
  updated_at: Date;
};

function fromRow(row: ShipmentRow): Shipment {
  return {
    shipmentId: row.shipment_id,
    orderId: row.order_id,
    customerId: row.customer_id,
    fulfillmentEntity: row.fulfillment_entity,
    items: row.items,
    ...(row.carrier === null ? {} : { carrier: row.carrier }),
    ...(row.estimated_delivery === null ? {} : { estimatedDelivery: row.estimated_delivery }),
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
