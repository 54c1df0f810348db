import { hash } from "node:crypto";
import { idPattern } from "@weft/core";

const isId = (text: string) => new RegExp(idPattern).test(text);
const prefix = "sub:";
const maxIdLength = 64;

/** What OpenID Connect lets a subject be: printable ASCII without blanks, at most 255 characters. */
export const isSubject = (sub: unknown): sub is string => typeof sub === "string" && /^[\x21-\x7e]{1,255}$/.test(sub);

/**
 * The id of a token's subject, in the alphabet of ids, so that it is the same everywhere: as a customer's id, in a path, in
 * `X-User-Id`, for the rate limit and beside an `Idempotency-Key`. No two subjects have one id:
 *
 * - a subject that is an id is its own, as `cust_1`;
 * - any other one is `sub:` and the subject, in which everything but `A-Z a-z 0-9 . -` is `_` and its code in two hexadecimal
 *   digits: `auth0|5f7c` is `sub:auth0_7c5f7c`. So is one that begins with `sub:`;
 * - where that has more than 64 characters, `sub::` and the SHA-256 of the subject in base64url.
 */
export function userIdOf(subject: string): string {
  if (isId(subject) && !subject.startsWith(prefix)) return subject;
  const escaped = subject.replace(/[^A-Za-z0-9.-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);
  const id = `${prefix}${escaped}`;
  return id.length <= maxIdLength ? id : `${prefix}:${hash("sha256", subject, "base64url")}`;
}
