import { closed, field } from "@weft/transport";

const ids = { type: "array", items: field.id, maxItems: 500, uniqueItems: true };
const quantity = { type: "integer", minimum: 1, maximum: 10_000 };

const promotionType = { type: "string", enum: ["percentage", "fixed_amount", "buy_x_get_y", "free_shipping"] };
export const status = { type: "string", enum: ["active", "inactive", "expired"] };
const switchedTo = { type: "string", enum: ["active", "inactive"] };

const rules = closed({
  conditions: closed({
    minOrderAmount: field.money,
    productIds: ids,
    categoryIds: ids,
    warehouseIds: ids,
    customerTiers: {
      type: "array",
      items: field.tier,
      uniqueItems: true,
      maxItems: 4,
    },
  }),
  actions: closed({
    discountValue: field.money,
    maxDiscountAmount: field.money,
    freeShipping: { type: "boolean" },
    buyQuantity: quantity,
    getQuantity: quantity,
  }),
});

const told = {
  promotionId: field.id,
  name: field.text(200),
  type: promotionType,
  rules,
  effectiveFrom: field.moment,
  effectiveTo: field.moment,
};

export const newPromotion = closed({ ...told, status: switchedTo }, [
  "name",
  "type",
  "rules",
  "effectiveFrom",
  "effectiveTo",
]);

export const statusPatch = closed({ status: switchedTo }, ["status"]);

export const applyRequest = closed(
  {
    orderId: field.id,
    customerId: field.id,
    warehouseId: field.id,
    items: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      items: closed({ productId: field.id, categoryId: field.id, quantity, unitPrice: field.money }, [
        "productId",
        "quantity",
        "unitPrice",
      ]),
    },
  },
  ["orderId", "customerId", "items"],
);

export const promotionData = closed({
  ...told,
  status,
  createdBy: { type: "string" },
  createdAt: field.moment,
  updatedAt: field.moment,
});

export const applicationData = closed({
  promotionId: field.id,
  orderId: field.id,
  customerId: field.id,
  originalAmount: field.money,
  discountAmount: field.money,
  finalAmount: field.money,
  appliedAt: field.moment,
});
