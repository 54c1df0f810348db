import { DependencyFailed, WeftError } from "@weft/core";
import { type HttpClient, pathOf } from "@weft/transport";
import type { Prices, Pricing } from "../../application/ports.ts";

/** Asks pricing-service, every time. */
export function pricingClient(http: HttpClient): Prices {
  return {
    service: http.service,
    async priceOf({ productId, warehouseId, timeoutMs }) {
      const path = pathOf`/v1/pricing/products/${productId}/price`;
      try {
        const { data } = await http.request<{ pricing?: Pricing }>({
          method: "GET",
          path,
          query: { warehouseId },
          timeoutMs,
        });
        if (data.pricing) return data.pricing;
      } catch (error) {
        if (error instanceof WeftError && error.code === "PRICE_NOT_FOUND") return undefined;
        throw error;
      }
      throw new DependencyFailed({ service: http.service, operation: `GET ${path}`, cause: "bad_answer" });
    },
  };
}
