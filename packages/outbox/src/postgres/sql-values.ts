import { ParameterNotEncodable } from "../errors.ts";

/**
 * Parameters as `pg` takes them, with objects as JSON already: so that a value which JSON has no form for fails here, as the
 * program's fault, and not halfway through a statement as an error that nobody can tell from the database's.
 * @throws ParameterNotEncodable
 */
export function sqlValues(values: readonly unknown[]): unknown[] {
  return values.map((value, index) => {
    try {
      return sqlValue(value);
    } catch (cause) {
      throw new ParameterNotEncodable({ position: index + 1 }, { cause });
    }
  });
}

function sqlValue(value: unknown, depth = 0): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw new TypeError(`a ${typeof value} is no value`);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new RangeError("an invalid date is no value");
    return value;
  }
  if (Array.isArray(value)) {
    // Arrays of PostgreSQL have at most six dimensions; only a cycle has more.
    if (depth >= 6) throw new RangeError("an array is nested too deeply");
    return value.map((item) => sqlValue(item, depth + 1));
  }
  return JSON.stringify(value);
}
