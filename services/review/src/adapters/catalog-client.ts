import { DependencyFailed, WeftError } from "@weft/core";
import { type HttpClient, isNotSent, pathOf } from "@weft/transport";
import type { Catalog } from "../application/ports.ts";
import { ProductNotFound } from "../domain/errors.ts";

/** Asks catalog-service for the product of which no event has come yet. */
export function catalogClient(http: HttpClient): Catalog {
  return {
    async assertExists(productId) {
      const path = pathOf`/v1/catalog/products/${productId}`;
      const badAnswer = (cause?: unknown) =>
        new DependencyFailed({ service: http.service, operation: `GET ${path}`, cause: "bad_answer" }, { cause });
      try {
        const { data } = await http.request<{ product?: { productId?: unknown } }>({ method: "GET", path });
        if (data.product?.productId !== productId) throw badAnswer();
      } catch (error) {
        if (ProductNotFound.is(error)) throw new ProductNotFound({ productId }, { cause: error });
        // Its other refusals (a route that it does not have, say) are no answer to our caller's request.
        if (!(error instanceof WeftError) || DependencyFailed.is(error) || isNotSent(error)) throw error;
        throw badAnswer(error);
      }
    },
  };
}
