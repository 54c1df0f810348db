import { describe, expect, it } from "@jest/globals";
import type { WeftError } from "@weft/core";
import { authorize, type User } from "./access.ts";
import { apiPath } from "./api-path.ts";

const admin: User = { id: "boss", role: "admin" };
const me: User = { id: "cust_1", role: "customer" };
const other: User = { id: "cust_2", role: "customer" };

function outcome(user: User | undefined, method: string, path: string, body?: unknown, isPublicRead = false): string {
  const bytes =
    body === undefined
      ? Buffer.alloc(0)
      : Buffer.isBuffer(body)
        ? body
        : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  try {
    authorize(user, { method, path: apiPath(`/api${path}`), isPublicRead })(bytes);
    return "yes";
  } catch (error) {
    return { UNAUTHORIZED: "401", FORBIDDEN: "403" }[(error as WeftError).code] ?? (error as WeftError).code;
  }
}

const mine = { customerId: "cust_1", rating: 5 };
type Row = [
  method: string,
  path: string,
  body: unknown,
  anonymous: string,
  own: string,
  another: string,
  admin: string,
];
const rows: Row[] = [
  // GET catalog, pricing, inventory, promotions, reviews
  ["GET", "/v1/catalog/products", undefined, "yes", "yes", "yes", "yes"],
  ["HEAD", "/v1/catalog/products", undefined, "yes", "yes", "yes", "yes"],
  ["GET", "/v1/catalog/products/prod_1?warehouseId=w", undefined, "yes", "yes", "yes", "yes"],
  ["GET", "/v1/pricing/products/prod_1/price", undefined, "yes", "yes", "yes", "yes"],
  ["GET", "/v1/inventory/products/p/warehouses/w", undefined, "yes", "yes", "yes", "yes"],
  ["GET", "/v1/promotions", undefined, "yes", "yes", "yes", "yes"],
  ["GET", "/v1/promotions/promo_1", undefined, "yes", "yes", "yes", "yes"],
  ["GET", "/v1/reviews?productId=p", undefined, "yes", "yes", "yes", "yes"],
  ["GET", "/v1/reviews/rev_1", undefined, "yes", "yes", "yes", "yes"],
  // GET customers, activity, shipments
  ["GET", "/v1/customers/cust_1", undefined, "401", "yes", "403", "yes"],
  ["GET", "/v1/customers/cust%5F1", undefined, "401", "yes", "403", "yes"],
  ["HEAD", "/v1/customers/cust_1", undefined, "401", "yes", "403", "yes"],
  ["GET", "/v1/customers/cust_1/activity?limit=5", undefined, "401", "yes", "403", "yes"],
  ["GET", "/v1/shipments/shp_1", undefined, "401", "yes", "yes", "yes"],
  ["GET", "/v1/shipments?orderId=o", undefined, "401", "yes", "yes", "yes"],
  // POST reviews, apply; PATCH customers (not tier)
  ["POST", "/v1/reviews", mine, "401", "yes", "403", "yes"],
  ["POST", "/v1/promotions/promo_1/apply", mine, "401", "yes", "403", "yes"],
  ["PATCH", "/v1/customers/cust_1", { preferences: {} }, "401", "yes", "403", "yes"],
  ["PATCH", "/v1/customers/cust_1", { tier: "gold" }, "401", "403", "403", "yes"],
  ["PATCH", "/v1/customers/cust_1", { profile: {}, tier: null }, "401", "403", "403", "yes"],
  // Everything else that writes; operators' routes
  ["POST", "/v1/catalog/products", {}, "401", "403", "403", "yes"],
  ["PATCH", "/v1/catalog/products/prod_1", {}, "401", "403", "403", "yes"],
  ["PUT", "/v1/pricing/products/prod_1/price", {}, "401", "403", "403", "yes"],
  ["PUT", "/v1/inventory/products/p/warehouses/w", {}, "401", "403", "403", "yes"],
  ["POST", "/v1/promotions", {}, "401", "403", "403", "yes"],
  ["PATCH", "/v1/promotions/promo_1", {}, "401", "403", "403", "yes"],
  ["POST", "/v1/shipments", mine, "401", "403", "403", "yes"],
  ["PATCH", "/v1/shipments/shp_1", {}, "401", "403", "403", "yes"],
  ["POST", "/v1/customers", mine, "401", "403", "403", "yes"],
  ["PATCH", "/v1/reviews/rev_1", mine, "401", "403", "403", "yes"],
  ["DELETE", "/v1/customers/cust_1", undefined, "401", "403", "403", "yes"],
  ["GET", "/v1/customers", undefined, "401", "403", "403", "yes"],
  ["GET", "/v1/catalog/operators/dead-letters", undefined, "401", "403", "403", "yes"],
  ["POST", "/v1/catalog/operators/dead-letters/replay", {}, "401", "403", "403", "yes"],
  ["GET", "/v1/reviews/operators", undefined, "401", "403", "403", "yes"],
  // What nobody has written a rule for
  ["GET", "/v1/new-service/things", undefined, "401", "403", "403", "yes"],
  ["GET", "/v1/catalogue", undefined, "401", "403", "403", "yes"],
  ["GET", "/v1/customers/cust_1/activity/more", undefined, "401", "403", "403", "yes"],
  ["GET", "/v1/customers/cust_1/", undefined, "401", "403", "403", "yes"],
  ["TRACE", "/v1/catalog/products", undefined, "401", "403", "403", "yes"],
  ["OPTIONS", "/v1/catalog/products", undefined, "401", "403", "403", "yes"],
  ["get", "/v1/catalog/products", undefined, "401", "403", "403", "yes"],
  ["GET", "/V1/catalog/products", undefined, "401", "403", "403", "yes"],
];

describe("who may do what", () => {
  it.each(rows)("%s %s %j: anonymous %s, own %s, another customer %s, admin %s", (method, path, body, ...expected) => {
    expect([undefined, me, other, admin].map((user) => outcome(user, method, path, body))).toEqual(expected);
  });

  it("lets anyone read what its service registered as public, and nothing that a rule keeps", () => {
    expect(outcome(undefined, "GET", "/v1/new-service/things", undefined, true)).toBe("yes");
    expect(outcome(undefined, "POST", "/v1/new-service/things", {}, true)).toBe("401");
    expect(outcome(undefined, "GET", "/v1/new-service/operators/x", undefined, true)).toBe("401");
    expect(outcome(other, "GET", "/v1/customers/cust_1", undefined, true)).toBe("403");
  });

  it("takes the last of two fields of one name, as the service does", () => {
    const twice = '{"customerId":"cust_2","customerId":"cust_1"}';
    expect(outcome(me, "POST", "/v1/reviews", twice)).toBe("yes");
    expect(outcome(other, "POST", "/v1/reviews", twice)).toBe("403");
  });

  it("reads a body as the service does: one byte order mark is left out, two are no JSON, and neither is what is no UTF-8", () => {
    const own = '{"customerId":"cust_1"}';
    expect(outcome(me, "POST", "/v1/reviews", `\ufeff${own}`)).toBe("yes");
    expect(outcome(other, "POST", "/v1/reviews", `\ufeff${own}`)).toBe("403");
    expect(outcome(me, "POST", "/v1/reviews", `\ufeff\ufeff${own}`)).toBe("BAD_REQUEST");
    const broken = Buffer.from(own.replace("}", ',"title":"\xff"}'), "latin1");
    expect(outcome(me, "POST", "/v1/reviews", broken)).toBe("BAD_REQUEST");
  });

  it("leaves a missing or misshapen customer to the service's schema, and refuses what is no object", () => {
    expect(outcome(me, "POST", "/v1/reviews", {})).toBe("yes");
    expect(outcome(me, "POST", "/v1/reviews", { customerId: 5 })).toBe("yes");
    for (const body of ["", "{", "[]", "null", '"cust_1"']) {
      expect(outcome(me, "POST", "/v1/reviews", body)).toBe("BAD_REQUEST");
    }
    // Who may do everything is not asked what: the service reads it.
    expect(outcome(admin, "POST", "/v1/reviews", "{")).toBe("yes");
  });

  it("is not led astray by names of an object's prototype", () => {
    expect(outcome(other, "GET", "/v1/customers/__proto__")).toBe("403");
    expect(outcome(me, "PATCH", "/v1/customers/cust_1", '{"__proto__":{"tier":"gold"}}')).toBe("yes");
  });
});

describe("a path", () => {
  it.each([
    "/api/v1/customers/cust_1/../cust_2",
    "/api/v1/customers/%2e%2e/catalog",
    "/api/v1/customers/.%2E/catalog",
    "/api/v1/customers/cust_1%2f..%2fcust_2",
    "/api/v1/customers/cust_1%5ccust_2",
    "/api/v1/customers/a\\b",
    "/api//v1/customers/cust_1",
    "/api/v1//customers/cust_1",
    "/api/v1/customers/cust_1%00",
    "/api/v1/customers/cust_1%0d%0aX-User-Role:%20admin",
    "/api/v1/customers/%",
    "/api/v1/customers/%c0%ae",
    "/api/v1/customers/cust_1#x",
    "/api/v1/customers/cust_1 x",
    "/api/./v1/customers",
  ])("that two programs could read differently is refused: %s", (path) => {
    expect(() => apiPath(path)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });

  it("keeps its query and its spelling", () => {
    expect(apiPath("/api/v1/catalog/products/a%20b?q=%2F..%2F&x=//")).toMatchObject({
      url: "/v1/catalog/products/a%20b?q=%2F..%2F&x=//",
      path: "/v1/catalog/products/a%20b",
      decoded: ["v1", "catalog", "products", "a b"],
    });
  });
});
