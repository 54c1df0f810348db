import { StockNotFound } from "../domain/errors.ts";
import type { Stock } from "../domain/stock.ts";
import type { StockStore } from "./ports.ts";

export const manageStock = ({ stocks }: { stocks: StockStore }) => ({
  /** @throws StockNotFound where nothing was ever counted */
  async get(productId: string, warehouseId: string): Promise<Stock> {
    const stock = await stocks.find(productId, warehouseId);
    if (stock === undefined) throw new StockNotFound({ warehouseId, productIds: [productId] });
    return stock;
  },

  count: (productId: string, warehouseId: string, onHand: number): Promise<Stock> =>
    stocks.count(productId, warehouseId, onHand),
});
