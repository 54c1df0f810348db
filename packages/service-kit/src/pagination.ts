import { createHash } from "node:crypto";
import { type Json, ValidationFailed } from "@weft/core";
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

/** Which list a page is of. A cursor leads on in that one only. */
export interface ListIdentity {
  /** `products`; in a list below a thing with the thing's id: `activity of cust_1`. */
  list: string;
  /** What decides which rows are in it, as the client asked; the order of its fields does not count. */
  filter?: Readonly<Record<string, Json | undefined>>;
}

/**
 * One page of a list whose rows have a position of their own and are read from the last to the first, so that what is
 * added meanwhile neither repeats a row nor leaves one out.
 * @param of the list: a position in another one, or under another filter, would leave out rows without a word
 * @param read gives at most `count` rows, all of them before the position `before`
 * @returns the rows of the page and, for the answer, `meta.nextCursor` where there are more: one row too many is read
 * @throws ValidationFailed on field `cursor` for anything that no page of this list gave out
 */
export async function pageOf<Row extends { position: number }>(
  { limit, cursor }: PageQuery,
  of: ListIdentity,
  read: (count: number, before?: number) => Promise<Row[]>,
): Promise<{ items: Row[]; meta?: { nextCursor: string } }> {
  const mark = markOf(of);
  const rows = await read(limit + 1, cursor === undefined ? undefined : positionOf(cursor, mark));
  const items = rows.slice(0, limit);
  return rows.length > limit ? { items, meta: { nextCursor: cursorOf(items.at(-1)!.position, mark) } } : { items };
}

/** Opaque to clients: JSON in base64url. A list by other columns gets more values without a new form. */
const cursorOf = (position: number, mark: string) =>
  Buffer.from(JSON.stringify([position, mark])).toString("base64url");

/** Of the list and its filter, so short that a cursor fits in a URL; nothing is kept secret with it. */
function markOf({ list, filter = {} }: ListIdentity): string {
  const fields = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([list, fields]))
    .digest("base64url")
    .slice(0, 16);
}

function positionOf(cursor: string, mark: string): number {
  const [, digits] = /^\[(\d{1,16}),/.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  const position = Number(digits);
  // Only what comes out as it went in is ours: one spelling, one whole number, this list.
  if (Number.isSafeInteger(position) && cursorOf(position, mark) === cursor) return position;
  throw new ValidationFailed({ fieldErrors: { cursor: "is not a cursor that this list gave out" } });
}
