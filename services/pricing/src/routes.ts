import { type Clock, defineError, idPattern, ValidationFailed } from "@weft/core";
import { assertAdmin, field, orNull, type Route } from "@weft/transport";
import type { Price, PriceStore } from "./store.ts";

const PriceNotFound = defineError<{ productId: string; warehouseId?: string; isKnownProduct: boolean }>({
  code: "PRICE_NOT_FOUND",
  kind: "not-found",
  message: ({ productId, isKnownProduct }) =>
    isKnownProduct ? `product ${productId} has no price` : `product ${productId} is not known here and has no price`,
  details: ({ productId, warehouseId, isKnownProduct }) => ({
    product_id: productId,
    ...(warehouseId === undefined ? {} : { warehouse_id: warehouseId }),
    known_product: isKnownProduct,
  }),
});

const currency = { type: "string", pattern: "^[A-Z]{3}$" };
const path = "/v1/pricing/products/{productId}/price";
const response = {
  type: "object",
  properties: {
    pricing: {
      type: "object",
      properties: {
        productId: field.id,
        warehouseId: orNull(field.id),
        basePrice: field.money,
        finalPrice: field.money,
        currency,
        updatedAt: field.moment,
      },
    },
  },
};

interface PriceBody {
  warehouseId?: string;
  basePrice: number;
  finalPrice?: number;
  currency: string;
}

export function pricingRoutes({ prices, clock }: { prices: PriceStore; clock: Clock }): Route[] {
  const get: Route<undefined, { warehouseId?: string }> = {
    method: "GET",
    path,
    summary: "Gives the price of a product: the warehouse's own, else the general one (then warehouseId is null)",
    query: { type: "object", properties: { warehouseId: field.id } },
    response,
    errors: ["PRICE_NOT_FOUND"],
    async handle({ params, query: { warehouseId } }) {
      const productId = params.productId!;
      const price = await prices.find(productId, warehouseId);
      if (price) return { data: { pricing: shownPrice(price) } };
      throw new PriceNotFound({ productId, warehouseId, isKnownProduct: await prices.isKnownProduct(productId) });
    },
  };

  const put: Route<PriceBody> = {
    method: "PUT",
    path,
    summary: "Sets the price of a product, in general or in one warehouse; the same price again changes nothing",
    body: {
      type: "object",
      properties: { warehouseId: field.id, basePrice: field.money, finalPrice: field.money, currency },
      required: ["basePrice", "currency"],
      additionalProperties: false,
    },
    response,
    async handle({ params, body, context }) {
      assertAdmin(context);
      const { warehouseId = null, basePrice, finalPrice = basePrice, currency } = body;
      // A product may get its price before the event that tells of it has come, so it need not be known.
      const price = await prices.set({
        productId: productIdOf(params.productId!),
        warehouseId,
        basePrice,
        finalPrice,
        currency,
        updatedAt: clock.now(),
      });
      return { data: { pricing: shownPrice(price) } };
    },
  };

  return [get, put];
}

function shownPrice({ updatedAt, ...price }: Price) {
  return { ...price, updatedAt: updatedAt.toISOString() };
}

/** @throws ValidationFailed: no product can have such an id */
function productIdOf(text: string): string {
  if (new RegExp(idPattern).test(text)) return text;
  throw new ValidationFailed({ fieldErrors: { productId: `must match pattern "${idPattern}"` } });
}
