import { contextFields } from "./context-fields.ts";

const secretText = /pass(word|phrase)?$|secret|token$|authorization|cookie|api-?_?key|sasl|private-?_?key|credential/i;
const maxDepth = 8;

/** Secret fields of the call context, under any of their names, however its words are joined. */
const secretFields = new Set(
  Object.entries(contextFields)
    .filter(([, { isSecret }]) => isSecret)
    .flatMap(([name, { http, grpc, event }]) => [name, ...http, ...grpc, ...event].map(joined)),
);
const isSecretName = (name: string) => secretText.test(name) || secretFields.has(joined(name));

function joined(name: string): string {
  return name.replaceAll(/[-_.]/g, "").toLowerCase();
}

/** Hides the password in every URL of a text, also one in its query, so that an address can be logged. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/]*@/gi, "$1:***@")
    .replace(/([?&](?:ssl)?password=)[^&\s]+/gi, "$1***");
}

/**
 * A copy that may be logged: whatever stands under the name of a secret is hidden, in any case and at any depth, and so is
 * the password of every URL. Errors and objects of classes are left to their serializers.
 */
export function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isSecretName(name) ? "***" : visible(value, 1)]),
  );
}

function visible(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.includes("://") ? withoutCredentials(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return "…";
  if (Array.isArray(value)) return value.map((item) => visible(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretName(name) ? "***" : visible(inner, depth + 1)]),
  );
}
