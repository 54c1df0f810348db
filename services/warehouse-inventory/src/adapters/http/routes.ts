import { idPattern, ValidationFailed } from "@weft/core";
import { assertAdmin, closed, field, type Route } from "@weft/transport";
import type { manageStock } from "../../application/stock.ts";
import { available, type Stock } from "../../domain/stock.ts";

const path = "/v1/inventory/products/{productId}/warehouses/{warehouseId}";
const units = { type: "integer", minimum: 0 };
const response = {
  type: "object",
  properties: {
    stock: closed({
      productId: field.id,
      warehouseId: field.id,
      onHand: units,
      reserved: units,
      // Below 0 where more was promised than there is.
      available: { type: "integer" },
    }),
  },
};

export function inventoryRoutes({ manage }: { manage: ReturnType<typeof manageStock> }): Route[] {
  const get: Route = {
    method: "GET",
    path,
    summary: "Gives the stock of a product in a warehouse: what is there, promised to shipments, and available",
    response,
    errors: ["STOCK_NOT_FOUND"],
    async handle({ params }) {
      return { data: { stock: shownStock(await manage.get(params.productId!, params.warehouseId!)) } };
    },
  };

  const put: Route<{ onHand: number }> = {
    method: "PUT",
    path,
    summary: "Writes down how many units are there; the same count again changes nothing",
    body: closed({ onHand: { ...units, maximum: 1_000_000_000 } }, ["onHand"]),
    response,
    async handle({ params, body, context }) {
      assertAdmin(context);
      assertIds(params);
      return { data: { stock: shownStock(await manage.count(params.productId!, params.warehouseId!, body.onHand)) } };
    },
  };

  return [get, put];
}

const shownStock = (stock: Stock) => ({ ...stock, available: available(stock) });

/** @throws ValidationFailed: no product and no warehouse can have such an id */
function assertIds(params: Record<string, string>): void {
  const wrong = Object.entries(params).filter(([, text]) => !new RegExp(idPattern).test(text));
  if (wrong.length === 0) return;
  throw new ValidationFailed({
    fieldErrors: Object.fromEntries(wrong.map(([name]) => [name, `must match pattern "${idPattern}"`])),
  });
}
