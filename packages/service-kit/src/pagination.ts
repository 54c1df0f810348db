import { ValidationFailed } from "@weft/core";
import type { JsonSchema } from "@weft/transport";

/** What a client says of the page that it wants, as the server hands it over: checked, with the default filled in. */
export interface PageQuery {
  limit: number;
  cursor?: string;
}

/** For the `properties` of a route's query: `query: { type: "object", properties: { ...pageQuery, status: … } }`. */
export const pageQuery = {
  limit: { type: "integer", minimum: 1, maximum: 100, default: 20 },
  cursor: { type: "string", minLength: 1, maxLength: 100 },
} satisfies JsonSchema;

/**
 * One page of a list whose rows have a position of their own and are read from the last to the first, so that what is
 * added meanwhile neither repeats a row nor leaves one out.
 * @param read gives at most `count` rows, all of them before the position `before`
 * @returns the rows of the page and, for the answer, `meta.nextCursor` where there are more: one row too many is read
 * @throws ValidationFailed on field `cursor` for anything that no page gave out
 */
export async function pageOf<Row extends { position: number }>(
  { limit, cursor }: PageQuery,
  read: (count: number, before?: number) => Promise<Row[]>,
): Promise<{ items: Row[]; meta?: { nextCursor: string } }> {
  const rows = await read(limit + 1, cursor === undefined ? undefined : positionOf(cursor));
  const items = rows.slice(0, limit);
  return rows.length > limit ? { items, meta: { nextCursor: cursorOf(items.at(-1)!.position) } } : { items };
}

/** Opaque to clients: JSON in base64url. A list by other columns gets more values without a new form. */
const cursorOf = (position: number) => Buffer.from(JSON.stringify([position])).toString("base64url");

function positionOf(cursor: string): number {
  const position = Number(Buffer.from(cursor, "base64url").toString("latin1").slice(1, -1));
  // Only what comes out as it went in is ours: one spelling, one whole number.
  if (Number.isSafeInteger(position) && cursorOf(position) === cursor) return position;
  throw new ValidationFailed({ fieldErrors: { cursor: "is not a cursor that this list gave out" } });
}
