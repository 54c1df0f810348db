import { type CallContext, momentOf, newId } from "@weft/core";
import { type PageQuery, pageOf, pageQuery } from "@weft/service-kit/plain";
import { assertAdmin, assertOwner, field, type Route } from "@weft/transport";
import type { createShipment } from "../../application/create-shipment.ts";
import type { manageShipments } from "../../application/manage-shipments.ts";
import type { ShipmentStore } from "../../application/ports.ts";
import { repeatableId } from "../../application/repeatable-id.ts";
import type { NewShipment, Shipment, ShipmentStatus } from "../../domain/shipment.ts";
import { newShipment, shipmentData, statusPatch } from "./schemas.ts";

export interface ShipmentRoutesParts {
  create: ReturnType<typeof createShipment>;
  manage: ReturnType<typeof manageShipments>;
  shipments: ShipmentStore;
}

type NewShipmentBody = Omit<NewShipment, "shipmentId" | "estimatedDelivery"> & {
  shipmentId?: string;
  estimatedDelivery?: string;
};

export function shipmentRoutes({ create, manage, shipments }: ShipmentRoutesParts): Route[] {
  const one = { type: "object", properties: { shipment: shipmentData } };

  const post: Route<NewShipmentBody> = {
    method: "POST",
    path: "/v1/shipments",
    summary: "Creates a shipment; where a warehouse sends it, the stock is reserved under its id",
    body: newShipment,
    response: one,
    errors: ["SHIPMENT_EXISTS", "INSUFFICIENT_STOCK", "CONFLICT", "DEPENDENCY_FAILED"],
    async handle({ body, context }) {
      assertAdmin(context);
      const sharedId = body.shipmentId ?? idOfRepetitions(context, body);
      const { estimatedDelivery, ...rest } = body;
      const shipment = await create(
        {
          ...rest,
          shipmentId: sharedId ?? newId("shp"),
          ...(estimatedDelivery === undefined ? {} : { estimatedDelivery: momentOf(estimatedDelivery)! }),
        },
        { isIdShared: sharedId !== undefined },
      );
      return { status: 201, data: { shipment: shownShipment(shipment) } };
    },
  };

  const list: Route<undefined, PageQuery & { orderId?: string }> = {
    method: "GET",
    path: "/v1/shipments",
    summary: "Lists shipments, newest first; a customer's own, and all of them to an admin",
    query: { type: "object", properties: { ...pageQuery, orderId: field.id } },
    response: { type: "object", properties: { shipments: { type: "array", items: shipmentData } } },
    async handle({ query, context: { user } }) {
      const { limit, cursor, ...filter } = query;
      const own = user === undefined || user.role === "admin" ? {} : { customerId: user.id };
      const { items, meta } = await pageOf(
        { limit, cursor },
        { list: "shipments", filter: { ...filter, ...own } },
        (count, before) => shipments.list({ ...filter, ...own }, count, before),
      );
      return { data: { shipments: items.map(shownShipment) }, meta };
    },
  };

  const get: Route = {
    method: "GET",
    path: "/v1/shipments/{shipmentId}",
    summary: "Gives one shipment",
    response: one,
    errors: ["SHIPMENT_NOT_FOUND"],
    async handle({ params, context }) {
      const shipment = await manage.get(params.shipmentId!);
      assertOwner(context, shipment.customerId);
      return { data: { shipment: shownShipment(shipment) } };
    },
  };

  const patch: Route<{ status: ShipmentStatus }> = {
    method: "PATCH",
    path: "/v1/shipments/{shipmentId}",
    summary: "Moves a shipment on: created → picked → shipped → delivered; created or picked → cancelled",
    body: statusPatch,
    response: one,
    errors: ["SHIPMENT_NOT_FOUND", "INVALID_TRANSITION"],
    async handle({ params, body, context }) {
      assertAdmin(context);
      const shipment = await manage.changeStatus(params.shipmentId!, body.status);
      return { data: { shipment: shownShipment(shipment) } };
    },
  };

  return [post, list, get, patch];
}

/** The body counts too: another one under the same key must not find what the first one holds. */
function idOfRepetitions({ idempotencyKey, user, caller }: CallContext, body: NewShipmentBody): string | undefined {
  if (idempotencyKey === undefined) return undefined;
  const subject = user ? ["user", user.id] : ["service", caller ?? null];
  return repeatableId([subject, idempotencyKey, body]);
}

// Field by field: a row of a list has its position besides.
function shownShipment(shipment: Shipment) {
  const { shipmentId, orderId, customerId, fulfillmentEntity, items, carrier, estimatedDelivery, status } = shipment;
  return {
    shipmentId,
    orderId,
    customerId,
    fulfillmentEntity,
    items,
    ...(carrier === undefined ? {} : { carrier }),
    ...(estimatedDelivery === undefined ? {} : { estimatedDelivery: estimatedDelivery.toISOString() }),
    status,
    createdAt: shipment.createdAt.toISOString(),
    updatedAt: shipment.updatedAt.toISOString(),
  };
}
