import { randomUUID } from "node:crypto";

/** What an id may look like, ours or one that a client chose: as safe in a path, a header and a Kafka key. */
export const idPattern = "^[A-Za-z0-9._:-]{1,64}$";

/** A new id of its kind: `prod_…`, `promo_…`. Opaque to everybody. */
export const newId = (kind: string): string => `${kind}_${randomUUID()}`;
