import { type OptionRule, option, takeOptions } from "@weft/core";
import type { Role } from "./access.ts";

/** Where a token says who it is for, and what that one may do. */
export interface ClaimNames {
  /** Claim of the subject, or a path to it. @defaultValue "sub" */
  subject?: string;
  /** Claim of the role, or a path to it: `realm_access.roles`, `https://example.com/role`. @defaultValue "role" */
  role?: string;
  /** What stands there for an admin. @defaultValue ["admin"] */
  admin?: readonly string[];
  /** What stands there for a customer. @defaultValue ["customer"] */
  customer?: readonly string[];
}

const texts = (fallback: string): OptionRule<readonly string[]> => ({
  default: [fallback],
  problem: (value) =>
    Array.isArray(value) && value.every((one) => typeof one === "string") ? undefined : "must be a list of texts",
});

const rules = {
  subject: { ...option.text(), default: "sub" },
  role: { ...option.text(), default: "role" },
  admin: texts("admin"),
  customer: texts("customer"),
};

/**
 * @returns a function that reads both from a token's claims; what it does not find is undefined. A role is one text or a list of
 * them: of several, the one that may do more counts, and what is no role of ours counts for nothing
 * @throws OptionsInvalid
 */
export function claimReader(names: ClaimNames = {}) {
  const { subject, role, admin, customer } = takeOptions("claimReader", rules, names);
  const roleOf = (value: unknown): Role | undefined => {
    const all = Array.isArray(value) ? value : [value];
    if (!all.every((one): one is string => typeof one === "string")) return undefined;
    if (all.some((one) => admin.includes(one))) return "admin";
    return all.some((one) => customer.includes(one)) ? "customer" : undefined;
  };
  return (claims: Readonly<Record<string, unknown>>): { subject: unknown; role: Role | undefined } => ({
    subject: valueAt(claims, subject),
    role: roleOf(valueAt(claims, role)),
  });
}

/**
 * The value at a path with dots. Names of claims have dots themselves (`https://example.com/role`), so at each step the longest
 * name that is there is the one that is meant.
 */
function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const parts = path.split(".");
  for (let count = parts.length; count > 0; count -= 1) {
    const name = parts.slice(0, count).join(".");
    if (!Object.hasOwn(value, name)) continue;
    const found = (value as Record<string, unknown>)[name];
    return count === parts.length ? found : valueAt(found, parts.slice(count).join("."));
  }
  return undefined;
}
