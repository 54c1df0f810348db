import { BadRequest, ValidationFailed } from "@weft/core";

const maxDepth = 32;
const maxKeys = 10_000;

/**
 * Refuses, before any schema sees it, what a stranger could hurt with: more than 32 levels, more than 10,000 fields, names
 * that reach an object's prototype, and texts with NUL, which PostgreSQL cannot store.
 * @param what the thing, for messages: "body"
 * @param pathOf how the path of a field is written
 * @throws BadRequest, or ValidationFailed where one field is to blame
 */
export function assertHarmless(value: unknown, what: string, pathOf = (path: string) => path): void {
  let keys = 0;
  const guard = (inner: unknown, path: string[]): void => {
    if (typeof inner === "string" && inner.includes("\0")) {
      throw new ValidationFailed({ fieldErrors: { [pathOf(path.join("."))]: "must not contain NUL" } });
    }
    if (typeof inner !== "object" || inner === null) return;
    if (path.length >= maxDepth)
      throw new BadRequest({ message: `the ${what} is nested deeper than ${maxDepth} levels` });
    for (const [key, next] of Object.entries(inner)) {
      keys += 1;
      if (keys > maxKeys) throw new BadRequest({ message: `the ${what} has more than ${maxKeys} fields` });
      const reachesPrototype =
        key === "__proto__" ||
        (key === "constructor" && typeof next === "object" && next !== null && Object.hasOwn(next, "prototype"));
      if (reachesPrototype) throw new BadRequest({ message: `the ${what} may not have a field ${key}` });
      guard(next, [...path, key]);
    }
  };
  guard(value, []);
}
