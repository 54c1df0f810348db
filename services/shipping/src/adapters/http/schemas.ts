import { closed, field } from "@weft/transport";

const status = { type: "string", enum: ["created", "picked", "shipped", "delivered", "cancelled"] };

const told = {
  shipmentId: field.id,
  orderId: field.id,
  customerId: field.id,
  fulfillmentEntity: closed(
    {
      type: { type: "string", enum: ["warehouse", "store", "dropship", "3pl"] },
      id: field.id,
      name: field.text(200),
      address: { type: "object", ...field.free(50) },
    },
    ["type", "id"],
  ),
  items: {
    type: "array",
    minItems: 1,
    maxItems: 100,
    items: closed(
      { productId: field.id, sku: field.text(100), quantity: { type: "integer", minimum: 1, maximum: 1_000_000 } },
      ["productId", "sku", "quantity"],
    ),
  },
  carrier: closed({ name: field.text(100), service: field.text(100), trackingNumber: field.text(100) }),
  estimatedDelivery: field.moment,
};

export const newShipment = closed(told, ["orderId", "customerId", "fulfillmentEntity", "items"]);

export const statusPatch = closed({ status }, ["status"]);

export const shipmentData = closed({ ...told, status, createdAt: field.moment, updatedAt: field.moment });
