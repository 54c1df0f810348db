import { describe, expect, it } from "@jest/globals";
import { always, expectError, type MeshFixture, unique } from "./mesh-fixture.ts";
import { things } from "./things.ts";

type Caller = "anonymous" | "own" | "other" | "admin";
interface Operation {
  method: string;
  path: (own: string) => string;
  body?: (own: string) => unknown;
  /** In the order: anonymous, the customer whose it is, another customer, admin. */
  allowed: [number, number, number, number];
}

const callers: Caller[] = ["anonymous", "own", "other", "admin"];
const profile = { firstName: "Ada", lastName: "Byron" };

/** Who may do what, row by row of surfaces.md section 3, through the gateway. */
export function rolesTests(mesh: MeshFixture) {
  const { product, price, promotion, customer, order } = things(mesh);
  const everyone: Operation["allowed"] = [200, 200, 200, 200];
  const owner: Operation["allowed"] = [401, 200, 403, 200];
  const adminOnly = (status: number): Operation["allowed"] => [401, 403, 403, status];
  let productId = "";
  let promotionId = "";
  const newId = () => unique("role");

  const operations: Record<string, Operation> = {
    "GET products": { method: "GET", path: () => "/v1/catalog/products?limit=1", allowed: everyone },
    "GET a product": { method: "GET", path: () => `/v1/catalog/products/${productId}`, allowed: everyone },
    "GET a price": { method: "GET", path: () => `/v1/pricing/products/${productId}/price`, allowed: everyone },
    "GET promotions": { method: "GET", path: () => "/v1/promotions?limit=1", allowed: everyone },
    "GET a promotion": { method: "GET", path: () => `/v1/promotions/${promotionId}`, allowed: everyone },
    "GET a customer": { method: "GET", path: (own) => `/v1/customers/${own}`, allowed: owner },
    "GET activity": { method: "GET", path: (own) => `/v1/customers/${own}/activity`, allowed: owner },
    apply: {
      method: "POST",
      path: () => `/v1/promotions/${promotionId}/apply`,
      body: (customerId) => order({ customerId }),
      allowed: [401, 201, 403, 201],
    },
    "PATCH a customer": {
      method: "PATCH",
      path: (own) => `/v1/customers/${own}`,
      body: () => ({ preferences: { newsletter: newId() } }),
      allowed: owner,
    },
    "PATCH a tier": {
      method: "PATCH",
      path: (own) => `/v1/customers/${own}`,
      body: () => ({ tier: "gold" }),
      allowed: adminOnly(200),
    },
    "POST a customer": {
      method: "POST",
      path: () => "/v1/customers",
      body: () => ({ email: `${newId()}@example.com`, profile }),
      allowed: adminOnly(201),
    },
    "POST a product": {
      method: "POST",
      path: () => "/v1/catalog/products",
      body: () => ({ sku: newId(), name: "N", categoryId: "c" }),
      allowed: adminOnly(201),
    },
    "PATCH a product": {
      method: "PATCH",
      path: () => `/v1/catalog/products/${productId}`,
      body: () => ({ name: newId() }),
      allowed: adminOnly(200),
    },
    "PUT a price": {
      method: "PUT",
      path: () => `/v1/pricing/products/${productId}/price`,
      body: () => ({ basePrice: 3, currency: "EUR" }),
      allowed: adminOnly(200),
    },
    "POST a promotion": {
      method: "POST",
      path: () => "/v1/promotions",
      body: () => ({ name: "N", type: "free_shipping", rules: {}, ...always }),
      allowed: adminOnly(201),
    },
    "PATCH a promotion": {
      method: "PATCH",
      path: () => `/v1/promotions/${promotionId}`,
      body: () => ({ status: "active" }),
      allowed: adminOnly(200),
    },
  };

  describe("who may do what", () => {
    it.each(Object.entries(operations))("%s", async (_name, { method, path, body, allowed }) => {
      if (productId === "") {
        productId = await product();
        await price(productId, 3);
        promotionId = await promotion();
      }
      const own = await customer();
      const tokens: Record<Caller, string | null> = {
        anonymous: null,
        own: mesh.token(own),
        other: mesh.token(unique("cust")),
        admin: mesh.token("admin_of_roles", "admin"),
      };
      const answers: Partial<Record<Caller, number>> = {};
      for (const caller of callers) {
        const answer = await mesh.api(method, path(own), {
          token: tokens[caller],
          ...(body === undefined ? {} : { body: body(own) }),
        });
        answers[caller] = answer.status;
        if (answer.status === 401) expectError(answer, 401, "UNAUTHORIZED");
        if (answer.status === 403) expectError(answer, 403, "FORBIDDEN");
      }
      expect(answers).toEqual(Object.fromEntries(callers.map((caller, index) => [caller, allowed[index]])));
    });

    it("is not decided by whether something exists: a stranger cannot find out which customers there are", async () => {
      const token = mesh.token(unique("cust"));
      expectError(await mesh.api("GET", `/v1/customers/${unique("cust")}`, { token }), 403, "FORBIDDEN");
      expectError(await mesh.api("GET", `/v1/customers/${unique("cust")}`, { token: null }), 401, "UNAUTHORIZED");
    });

    it("cannot be talked around with another spelling of a path", async () => {
      const own = await customer();
      const token = mesh.token(own);
      const victim = await customer();
      for (const path of [
        `/v1/customers/${own}/../${victim}`,
        `/v1/customers/${own}%2F..%2F${victim}`,
        `/v1/customers//${victim}`,
        `/v1/customers/${victim}/`,
        `/v1/promotions/..%2fcustomers/${victim}`,
        `/v1/catalog/../customers/${victim}`,
      ]) {
        const answer = await mesh.api("GET", path, { token });
        expect([path, answer.status < 300]).toEqual([path, false]);
        expect(JSON.stringify(answer.data)).not.toContain("Byron");
      }
    });
  });

  describe("tokens", () => {
    const get = (token: string | null, headers = {}) => mesh.api("GET", "/v1/promotions?limit=1", { token, headers });

    it("are refused where anything about them is wrong, also for what anyone may read", async () => {
      const now = Math.floor(Date.now() / 1000);
      const good = mesh.token("admin", "admin");
      expect((await get(good)).status).toBe(200);
      const [head, body] = good.split(".");
      const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${body}.`;
      const wrong = [
        "garbage",
        `${good.slice(0, -4)}AAAA`,
        `${head}.${Buffer.from(JSON.stringify({ sub: "admin", role: "admin" })).toString("base64url")}.${good.split(".")[2]}`,
        unsigned,
        mesh.token("admin", "admin", { claims: { exp: now - 120 } }),
        mesh.token("admin", "admin", { claims: { nbf: now + 600 } }),
        mesh.token("admin", "admin", { claims: { iss: "someone-else" } }),
        mesh.token("admin", "admin", { claims: { aud: "another-mesh" } }),
        mesh.token("admin", "admin", { claims: { role: "root" } }),
        mesh.token("admin", "admin", { claims: { sub: undefined } }),
        mesh.token("admin", "admin", { header: { alg: "HS256" } }),
      ];
      for (const token of wrong) expectError(await get(token), 401, "UNAUTHORIZED");
      const basic = await get(null, { authorization: "Basic YWRtaW46YWRtaW4=" });
      expectError(basic, 401, "UNAUTHORIZED");
    });
  });

  describe("headers that only services may set", () => {
    const spoofed = {
      "x-user-id": "admin",
      "x-user-role": "admin",
      "X-USER-ROLE": "admin",
      "x-service-name": "promotion-service",
      "x-weft-anything": "1",
    };

    it("do not make an admin of anyone", async () => {
      const body = { sku: unique("SKU"), name: "N", categoryId: "c" };
      const post = (token: string | null) =>
        mesh.api("POST", "/v1/catalog/products", { body, token, headers: spoofed });
      expectError(await post(null), 401, "UNAUTHORIZED");
      expectError(await post(mesh.token(unique("cust"))), 403, "FORBIDDEN");
      const own = await customer();
      const other = await customer();
      const read = await mesh.api("GET", `/v1/customers/${own}`, {
        token: mesh.token(other),
        headers: { ...spoofed, "x-user-id": own },
      });
      expectError(read, 403, "FORBIDDEN");
    });

    it("are replaced by who the token says it is", async () => {
      const promotionId = unique("promo");
      const body = { promotionId, name: "N", type: "free_shipping", rules: {}, ...always };
      const headers = { "x-user-id": "mallory", "x-service-name": "mallory-service" };
      const token = mesh.token("admin_of_headers", "admin");
      expect((await mesh.api("POST", "/v1/promotions", { body, token, headers })).status).toBe(201);
      const [event] = await mesh.events(promotionId);
      expect(event!.envelope.data.createdBy).toBe("admin_of_headers");
    });

    it("are trusted by a service that is called directly, which looks at ownership only where a role is present", async () => {
      const own = await customer();
      const get = (headers: Record<string, string>) =>
        mesh.direct("customer-service", "GET", `/v1/customers/${own}`, { headers });
      expect((await get({})).status).toBe(200);
      expect((await get({ "x-user-id": own, "x-user-role": "customer" })).status).toBe(200);
      expect((await get({ "x-user-id": "anyone", "x-user-role": "admin" })).status).toBe(200);
      expectError(await get({ "x-user-id": "another", "x-user-role": "customer" }), 403, "FORBIDDEN");
      const tier = await mesh.direct("customer-service", "PATCH", `/v1/customers/${own}`, {
        body: { tier: "gold" },
        headers: { "x-user-id": own, "x-user-role": "customer" },
      });
      expectError(tier, 403, "FORBIDDEN");
    });
  });
}
