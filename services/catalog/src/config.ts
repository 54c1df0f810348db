import { closed, type JsonSchema } from "@weft/transport";
import { maxPriceAgeMs } from "./application/cached-prices.ts";

/** The catalog's own sections of `config.yaml`. */
export interface CatalogSections {
  price_cache?: { max_age?: string | null };
}

export const catalogSections: Record<keyof CatalogSections, JsonSchema> = {
  price_cache: closed({
    max_age: {
      type: ["string", "null"],
      // What somebody pays must not be older than this, so nobody can set more.
      pattern: "^(?:[0-5]s|[0-4]?[0-9]{1,3}ms|5000ms)$",
      title: "duration",
      description:
        "How old a shown price may be, at most 5s; unless told 5s with Redis, and 0s (asked every time) without",
    },
  }),
};

/**
 * Without Redis prices are asked every time unless somebody wants otherwise: an event reaches one instance only, and the
 * others would show the old price until it is too old.
 */
export function priceMaxAgeMs({ price_cache }: CatalogSections, isShared: boolean): number {
  const text = price_cache?.max_age;
  if (!text) return isShared ? maxPriceAgeMs : 0;
  return Number.parseInt(text, 10) * (text.endsWith("ms") ? 1 : 1000);
}
