import { createHash } from "node:crypto";

/**
 * An id for what a request creates that may come again: the same for the same parts, so that a repetition finds what an
 * earlier attempt left behind in another service.
 * @param parts whose request it is, its Idempotency-Key and its body; JSON
 */
export function repeatableId(parts: readonly unknown[]): string {
  return `shp_${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32)}`;
}
