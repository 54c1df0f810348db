import { normalized } from "./definitions.ts";
import { maxValueBytes } from "./key-value-routes.ts";
import { badRequest, Refusal } from "./refusal.ts";

/** One step of a transaction on keys; what its verb does not use is empty. */
export interface Operation {
  verb: string;
  key: string;
  value: Buffer;
  flags: number;
  /** The modify index that the key must have. */
  index: number;
  session: string;
}

/** Consul's own. */
const maxOperations = 64;

/** @throws Refusal 413 where it is too much, 400 where it cannot be read */
export function readOperations(body: Buffer): Operation[] {
  if (body.length > maxValueBytes)
    throw new Refusal(413, `Request body(${body.length} bytes) too large, max size: ${maxValueBytes} bytes.`);
  let given: unknown;
  try {
    given = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw badRequest(`Failed to parse body: ${(error as Error).message}`);
  }
  if (!Array.isArray(given)) throw badRequest("Failed to parse body: a transaction is a list of operations");
  if (given.length > maxOperations)
    throw new Refusal(413, `Transaction contains too many operations (${given.length} > ${maxOperations})`);
  return given.map(readOperation);
}

function readOperation(given: unknown, at: number): Operation {
  const wrong = (what: string) => badRequest(`Failed to parse body: operation ${at}: ${what}`);
  const fieldsOf = (value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("it must be an object");
    return normalized(value as Record<string, unknown>);
  };
  const { kv, ...others } = fieldsOf(given);
  if (!kv)
    throw wrong(`only KV is supported by this embedded server, not ${Object.keys(others).join(", ") || "nothing"}`);
  const { verb, key, value, flags, index, session } = fieldsOf(kv);
  const text = (name: string, one: unknown) => {
    if (typeof (one ?? "") !== "string") throw wrong(`${name} must be a string`);
    return (one ?? "") as string;
  };
  const whole = (name: string, one: unknown) => {
    if (!Number.isSafeInteger(one ?? 0) || Number(one ?? 0) < 0) throw wrong(`${name} must be a whole number`);
    return (one ?? 0) as number;
  };
  const encoded = text("Value", value);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded))
    throw wrong("Value must be base64");
  return {
    verb: text("Verb", verb),
    key: text("Key", key),
    value: Buffer.from(encoded, "base64"),
    flags: whole("Flags", flags),
    index: whole("Index", index),
    session: text("Session", session),
  };
}
