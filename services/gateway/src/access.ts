import { BadRequest, Forbidden, Unauthorized } from "@weft/core";
import { jsonText } from "@weft/transport";
import type { ApiPath } from "./api-path.ts";

export type Role = "customer" | "admin";
export interface User {
  id: string;
  role: Role;
}

/**
 * Who may do what, as data (surfaces.md, section 3). The first rule that fits decides; where none fits, only an admin may, or
 * anyone may read what a service registered as `public_read`: a new service needs no change here.
 * `owner` is a customer who is named in the path or in the body; `customer` any customer: what is theirs can only be seen in
 * the resource, so the service decides, by `X-User-Id`.
 */
export interface Rule {
  method: "GET" | "POST" | "PATCH" | "any";
  /** `{name}` is one part, `**` at the end any number. */
  path: string;
  allow:
    | { to: "anyone" }
    | { to: "admin" }
    | { to: "customer" }
    | {
        to: "owner";
        by: { path: string } | { body: string };
        /** Fields that only an admin sets. */
        adminFields?: string[];
      };
}

const anyone = { to: "anyone" } as const;
const admin = { to: "admin" } as const;
const ownCustomer = { to: "owner", by: { path: "customerId" } } as const;
const ownBody = { to: "owner", by: { body: "customerId" } } as const;

const rules: readonly Rule[] = [
  // Operators' routes first: none of the open reads below may reach them.
  { method: "any", path: "/v1/{service}/operators/**", allow: admin },
  { method: "GET", path: "/v1/catalog/**", allow: anyone },
  { method: "GET", path: "/v1/pricing/**", allow: anyone },
  { method: "GET", path: "/v1/inventory/**", allow: anyone },
  { method: "GET", path: "/v1/promotions/**", allow: anyone },
  { method: "GET", path: "/v1/reviews/**", allow: anyone },
  { method: "GET", path: "/v1/customers/{customerId}", allow: ownCustomer },
  { method: "GET", path: "/v1/customers/{customerId}/activity", allow: ownCustomer },
  { method: "GET", path: "/v1/shipments", allow: { to: "customer" } },
  { method: "GET", path: "/v1/shipments/{shipmentId}", allow: { to: "customer" } },
  { method: "POST", path: "/v1/reviews", allow: ownBody },
  { method: "POST", path: "/v1/promotions/{promotionId}/apply", allow: ownBody },
  { method: "PATCH", path: "/v1/customers/{customerId}", allow: { ...ownCustomer, adminFields: ["tier"] } },
];

type PathParts = Pick<ApiPath, "raw" | "decoded">;

interface Asked {
  method: string;
  path: ApiPath;
  /** @defaultValue false */
  isPublicRead?: boolean;
}

/** What is left to look at once the body is there. @throws Forbidden   @throws BadRequest for what is no JSON object */
export type BodyCheck = (body: Buffer) => void;
const anyBody: BodyCheck = () => {};

/**
 * Lets a request through, or not, as far as its path says. The service behind looks again, with `X-User-Id` and `X-User-Role`:
 * this is the first of two.
 * @throws Unauthorized where nobody is known and somebody must be   @throws Forbidden where it is the wrong one
 */
export function authorize(user: User | undefined, { method, path, isPublicRead = false }: Asked): BodyCheck {
  const { allow, values } = ruleFor(method, path, isPublicRead);
  if (allow.to === "anyone") return anyBody;
  if (!user) throw new Unauthorized({});
  if (user.role === "admin" || allow.to === "customer") return anyBody;
  if (allow.to !== "owner") throw new Forbidden({});
  const { by, adminFields = [] } = allow;
  if ("path" in by) assertOwn(user, values[by.path]);
  if (!("body" in by) && adminFields.length === 0) return anyBody;
  return (body) => {
    const fields = jsonObject(body);
    if ("body" in by) assertOwn(user, fields[by.body]);
    for (const field of adminFields) {
      if (Object.hasOwn(fields, field)) throw new Forbidden({ message: `${field} is set by an admin only` });
    }
  };
}

/** A field that is missing or no text is for the service's schema to refuse, with its path. */
function assertOwn({ id }: User, owner: unknown): void {
  if (typeof owner === "string" && owner !== id) throw new Forbidden({ message: "this belongs to another customer" });
}

/** The rule that decides; `docs/coverage.md` takes from it whose requests a route needs a test of. */
export function ruleFor(
  method: string,
  path: PathParts,
  isPublicRead: boolean,
): { allow: Rule["allow"]; values: Record<string, string> } {
  // What may be read may be asked for without its body.
  const asked = method === "HEAD" ? "GET" : method;
  for (const rule of rules) {
    if (rule.method !== "any" && rule.method !== asked) continue;
    const values = match(rule.path, path);
    if (values) return { allow: rule.allow, values };
  }
  return { allow: isPublicRead && asked === "GET" ? anyone : admin, values: {} };
}

function match(pattern: string, { raw, decoded }: PathParts): Record<string, string> | undefined {
  const parts = pattern.split("/").slice(1);
  const isOpen = parts.at(-1) === "**";
  const fixed = isOpen ? parts.slice(0, -1) : parts;
  if (isOpen ? raw.length < fixed.length : raw.length !== fixed.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of fixed.entries()) {
    if (part.startsWith("{")) {
      if (decoded[index] === "") return undefined;
      values[part.slice(1, -1)] = decoded[index]!;
    } else if (part !== raw[index]) {
      return undefined;
    }
  }
  return values;
}

/** @throws BadRequest for what is no JSON object: who it belongs to cannot be seen then */
function jsonObject(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(jsonText(body));
  } catch {
    throw new BadRequest({ message: "the body is not JSON" });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadRequest({ message: "the body must be an object" });
  }
  return value as Record<string, unknown>;
}
