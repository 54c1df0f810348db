import { describe, expect, it } from "@jest/globals";
import { always, expectError, type MeshFixture, unique } from "./mesh-fixture.ts";
import { newShipment, things } from "./things.ts";

type Caller = "anonymous" | "owner" | "other" | "admin";
/** What there is to ask for, and whose it is. */
interface Scene {
  owner: string;
  productId: string;
  promotionId: string;
  shipmentId: string;
  reviewId: string;
}
interface Operation {
  /** And what else counts of it. */
  route: string;
  path: (scene: Scene) => string;
  body?: (scene: Scene) => unknown;
  /** Status of the answer to each. */
  allowed: Record<Caller, number>;
}

const profile = { firstName: "Ada", lastName: "Byron" };

/** Who may do what, row by row of surfaces.md section 3, through the gateway. */
export function rolesTests(mesh: MeshFixture) {
  const { product, price, promotion, customer, stock, shipment, review, order } = things(mesh);
  const everyone: Operation["allowed"] = { anonymous: 200, owner: 200, other: 200, admin: 200 };
  const anyCustomer: Operation["allowed"] = { anonymous: 401, owner: 200, other: 200, admin: 200 };
  const owner = (status: number): Operation["allowed"] => ({
    anonymous: 401,
    owner: status,
    other: 403,
    admin: status,
  });
  const adminOnly = (status: number): Operation["allowed"] => ({
    anonymous: 401,
    owner: 403,
    other: 403,
    admin: status,
  });
  const newId = () => unique("role");

  const operations: Operation[] = [
    { route: "GET /v1/catalog/products", path: () => "/v1/catalog/products?limit=1", allowed: everyone },
    {
      route: "GET /v1/catalog/products/{productId}",
      path: ({ productId }) => `/v1/catalog/products/${productId}`,
      allowed: everyone,
    },
    {
      route: "GET /v1/pricing/products/{productId}/price",
      path: ({ productId }) => `/v1/pricing/products/${productId}/price`,
      allowed: everyone,
    },
    {
      route: "GET /v1/inventory/products/{productId}/warehouses/{warehouseId}",
      path: ({ productId }) => `/v1/inventory/products/${productId}/warehouses/wh_1`,
      allowed: everyone,
    },
    { route: "GET /v1/promotions", path: () => "/v1/promotions?limit=1", allowed: everyone },
    {
      route: "GET /v1/promotions/{promotionId}",
      path: ({ promotionId }) => `/v1/promotions/${promotionId}`,
      allowed: everyone,
    },
    { route: "GET /v1/reviews", path: () => "/v1/reviews?limit=1", allowed: everyone },
    { route: "GET /v1/reviews/{reviewId}", path: ({ reviewId }) => `/v1/reviews/${reviewId}`, allowed: everyone },
    { route: "GET /v1/customers/{customerId}", path: (scene) => `/v1/customers/${scene.owner}`, allowed: owner(200) },
    {
      route: "GET /v1/customers/{customerId}/activity",
      path: (scene) => `/v1/customers/${scene.owner}/activity`,
      allowed: owner(200),
    },
    // Each sees what is theirs: the next test looks at what that is.
    { route: "GET /v1/shipments", path: () => "/v1/shipments?limit=1", allowed: anyCustomer },
    {
      route: "GET /v1/shipments/{shipmentId}",
      path: ({ shipmentId }) => `/v1/shipments/${shipmentId}`,
      allowed: owner(200),
    },
    {
      route: "POST /v1/promotions/{promotionId}/apply",
      path: ({ promotionId }) => `/v1/promotions/${promotionId}/apply`,
      body: (scene) => order({ customerId: scene.owner }),
      allowed: owner(201),
    },
    {
      route: "POST /v1/reviews",
      path: () => "/v1/reviews",
      body: async (scene) => ({ productId: await product(), customerId: scene.owner, rating: 5 }),
      allowed: owner(201),
    },
    {
      route: "PATCH /v1/customers/{customerId}",
      path: (scene) => `/v1/customers/${scene.owner}`,
      body: () => ({ preferences: { newsletter: newId() } }),
      allowed: owner(200),
    },
    {
      route: "PATCH /v1/customers/{customerId} with a tier",
      path: (scene) => `/v1/customers/${scene.owner}`,
      body: () => ({ tier: "gold" }),
      allowed: adminOnly(200),
    },
    {
      route: "POST /v1/customers",
      path: () => "/v1/customers",
      body: () => ({ email: `${newId()}@example.com`, profile }),
      allowed: adminOnly(201),
    },
    {
      route: "POST /v1/catalog/products",
      path: () => "/v1/catalog/products",
      body: () => ({ sku: newId(), name: "N", categoryId: "c" }),
      allowed: adminOnly(201),
    },
    {
      route: "PATCH /v1/catalog/products/{productId}",
      path: ({ productId }) => `/v1/catalog/products/${productId}`,
      body: () => ({ name: newId() }),
      allowed: adminOnly(200),
    },
    {
      route: "PUT /v1/pricing/products/{productId}/price",
      path: ({ productId }) => `/v1/pricing/products/${productId}/price`,
      body: () => ({ basePrice: 3, currency: "EUR" }),
      allowed: adminOnly(200),
    },
    {
      route: "PUT /v1/inventory/products/{productId}/warehouses/{warehouseId}",
      path: ({ productId }) => `/v1/inventory/products/${productId}/warehouses/wh_1`,
      body: () => ({ onHand: 7 }),
      allowed: adminOnly(200),
    },
    {
      route: "POST /v1/promotions",
      path: () => "/v1/promotions",
      body: () => ({ name: "N", type: "free_shipping", rules: {}, ...always }),
      allowed: adminOnly(201),
    },
    {
      route: "PATCH /v1/promotions/{promotionId}",
      path: ({ promotionId }) => `/v1/promotions/${promotionId}`,
      body: () => ({ status: "active" }),
      allowed: adminOnly(200),
    },
    {
      route: "POST /v1/shipments",
      path: () => "/v1/shipments",
      body: (scene) => ({ ...newShipment(), customerId: scene.owner }),
      allowed: adminOnly(201),
    },
    {
      route: "PATCH /v1/shipments/{shipmentId}",
      path: ({ shipmentId }) => `/v1/shipments/${shipmentId}`,
      body: () => ({ status: "picked" }),
      allowed: adminOnly(200),
    },
    {
      route: "PATCH /v1/reviews/{reviewId}",
      path: ({ reviewId }) => `/v1/reviews/${reviewId}`,
      body: () => ({ status: "approved" }),
      allowed: adminOnly(200),
    },
  ];

  let scene: Promise<Scene> | undefined;
  const setScene = async (): Promise<Scene> => {
    const [owner, productId] = [await customer(), await product()];
    await price(productId, 3);
    await stock(productId, "wh_1", 5);
    return {
      owner,
      productId,
      promotionId: await promotion(),
      shipmentId: await shipment({ customerId: owner }),
      reviewId: await review({ productId, customerId: owner }),
    };
  };

  describe("who may do what", () => {
    it.each(operations)("$route [anonymous] [owner] [other] [admin]", async ({ route, path, body, allowed }) => {
      scene ??= setScene();
      const given = await scene;
      const tokens: Record<Caller, string | null> = {
        anonymous: null,
        owner: mesh.token(given.owner),
        other: mesh.token(unique("cust")),
        admin: mesh.token("admin_of_roles", "admin"),
      };
      const answers: Partial<Record<Caller, number>> = {};
      for (const caller of Object.keys(tokens) as Caller[]) {
        const answer = await mesh.api(route.split(" ")[0]!, path(given), {
          token: tokens[caller],
          ...(body === undefined ? {} : { body: await body(given) }),
        });
        answers[caller] = answer.status;
        if (answer.status === 401) expectError(answer, 401, "UNAUTHORIZED");
        if (answer.status === 403) expectError(answer, 403, "FORBIDDEN");
      }
      expect(answers).toEqual(allowed);
    });

    it("GET /v1/shipments gives customers their own, whoever else has some, and all of them to an admin [owner] [other] [admin]", async () => {
      const [owner, other, orderId] = [unique("cust"), unique("cust"), unique("order")];
      const ofOwner = await shipment({ customerId: owner, orderId });
      const ofOther = await shipment({ customerId: other, orderId });
      const seenBy = async (token: string): Promise<string[]> => {
        const answer = await mesh.api("GET", `/v1/shipments?orderId=${orderId}`, { token });
        return answer.data.shipments.map(({ shipmentId }: { shipmentId: string }) => shipmentId);
      };
      expect(await seenBy(mesh.token(owner))).toEqual([ofOwner]);
      expect(await seenBy(mesh.token(other))).toEqual([ofOther]);
      expect(await seenBy(mesh.token(unique("cust")))).toEqual([]);
      expect(await seenBy(mesh.token("admin_of_roles", "admin"))).toEqual([ofOther, ofOwner]);
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

  describe("tokens at the gateway: ANY /api/**", () => {
    const get = (token: string | null, headers = {}) => mesh.api("GET", "/v1/promotions?limit=1", { token, headers });

    it("are refused where anything about them is wrong, also for what anyone may read [UNAUTHORIZED]", async () => {
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
