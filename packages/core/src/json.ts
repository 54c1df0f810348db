export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

/** A JSON merge patch of one level (RFC 7396): each field given replaces the one of its name, and null takes it away. */
export function mergePatch(value: JsonObject, patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...value, ...patch }).filter(([, field]) => field !== null));
}

/** What of `wanted` is not so already, each value whole. Values are compared as JSON, whatever order their fields are in. */
export function changedFields<Fields extends object>(before: Fields, wanted: Partial<Fields>): Partial<Fields> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !isSame(before[name as keyof Fields], value)),
  ) as Partial<Fields>;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const fields = Object.entries(a);
  return (
    fields.length === Object.keys(b).length &&
    fields.every(([name, value]) => Object.hasOwn(b, name) && isSame(value, (b as Record<string, unknown>)[name]))
  );
}
