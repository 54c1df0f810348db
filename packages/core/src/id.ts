import { randomUUID } from "node:crypto";

/**
 * What an id may look like, ours or one that a client chose: as safe in a path, a header and a Kafka key. Not `.` and `..`,
 * also not percent-encoded: every client takes them out of a path (RFC 3986, section 5.2.4), so nobody could ask for them.
 */
export const idPattern = "^(?!\\.{1,2}$)[A-Za-z0-9._:-]{1,64}$";

/** A new id of its kind: `prod_…`, `promo_…`. Opaque to everybody. */
export const newId = (kind: string): string => `${kind}_${randomUUID()}`;
