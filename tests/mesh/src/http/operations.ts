import { request } from "node:http";
import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, type MeshFixture } from "./mesh-fixture.ts";

/** Every route of surfaces.md section 3 that the services of this mesh have. */
const routes: Record<string, string[]> = {
  "catalog-service": [
    "POST /v1/catalog/products",
    "GET /v1/catalog/products",
    "GET /v1/catalog/products/{productId}",
    "PATCH /v1/catalog/products/{productId}",
  ],
  "pricing-service": ["GET /v1/pricing/products/{productId}/price", "PUT /v1/pricing/products/{productId}/price"],
  "promotion-service": [
    "POST /v1/promotions",
    "GET /v1/promotions",
    "GET /v1/promotions/{promotionId}",
    "PATCH /v1/promotions/{promotionId}",
    "POST /v1/promotions/{promotionId}/apply",
  ],
  "customer-service": [
    "POST /v1/customers",
    "GET /v1/customers/{customerId}",
    "PATCH /v1/customers/{customerId}",
    "GET /v1/customers/{customerId}/activity",
  ],
  "warehouse-inventory-service": [
    "GET /v1/inventory/products/{productId}/warehouses/{warehouseId}",
    "PUT /v1/inventory/products/{productId}/warehouses/{warehouseId}",
  ],
  "shipping-service": [
    "POST /v1/shipments",
    "GET /v1/shipments",
    "GET /v1/shipments/{shipmentId}",
    "PATCH /v1/shipments/{shipmentId}",
  ],
  "review-service": [
    "POST /v1/reviews",
    "GET /v1/reviews",
    "GET /v1/reviews/{reviewId}",
    "PATCH /v1/reviews/{reviewId}",
  ],
};
const services = Object.keys(routes);

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, unknown>>;
}
const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );

/** What operators, probes and Consul see. */
export function operationsTests(mesh: MeshFixture) {
  describe.each([...services, "gateway"])("%s for its operators", (service) => {
    it("tells its health: GET /health, GET /health/live, GET /health/ready [200] [METHOD_NOT_ALLOWED]", async () => {
      const { instanceId } = mesh.mesh.runtime().services.find(({ name }) => name === service)!;
      for (const path of ["/health", "/health/live", "/health/ready"]) {
        const response = await fetch(`${mesh.url(service)}${path}`);
        expect(response.status).toBe(200);
        expect(await response.json()).toMatchObject({
          status: expect.stringMatching(/^(healthy|degraded)$/),
          service,
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          instanceId,
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
          checks: expect.any(Object),
        });
      }
      expectError(await mesh.direct(service, "POST", "/health", { body: {} }), 405, "METHOD_NOT_ALLOWED");
    });

    it("has metrics in the form of Prometheus, with its requests in them: GET /metrics [200]", async () => {
      await fetch(`${mesh.url(service)}/openapi.json`);
      const authorization = `Bearer ${mesh.mesh.runtime().tokens.operators}`;
      const response = await fetch(`${mesh.url(service)}/metrics`, { headers: { authorization } });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
      const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const sample = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*",?)*\})? [-+0-9.eEInfNa]+$/;
      expect(lines.filter((line) => !sample.test(line))).toEqual([]);
      expect(lines.some((line) => line.startsWith("weft_http_server_duration_seconds_count{"))).toBe(true);
    });

    it("is registered in Consul with what finds it", async () => {
      const url = `${mesh.mesh.runtime().consul.url}/v1/health/service/${service}?passing=true`;
      type Entry = {
        Service: { ID: string; Address: string; Port: number; Meta: Record<string, string>; Tags: string[] };
      };
      // A check that came at a busy moment makes it critical until the next one, 10 s later.
      const entries = await eventually(
        "it passes",
        async () => {
          const found = (await (await fetch(url)).json()) as Entry[];
          return found.length === 1 && found;
        },
        { timeoutMs: 40_000 },
      );
      const { Address, Port, Meta } = entries[0]!.Service;
      expect(`http://${Address}:${Port}`).toBe(mesh.url(service));
      expect(Meta).toMatchObject({
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        layer: expect.any(String),
        team: expect.any(String),
        environment: expect.any(String),
      });
      for (const route of routes[service] ?? []) {
        const path = route.split(" ")[1]!;
        expect(Meta.route!.split(",").some((prefix) => path.startsWith(prefix.trim()))).toBe(true);
      }
    });
  });

  it("the gateway shows strangers its status alone, and gives its metrics to operators: GET /health [UNAUTHORIZED]", async () => {
    const { tokens, gateway } = mesh.mesh.runtime();
    const checksFor = async (headers: Record<string, string>) => {
      const answer = (await (await fetch(`${gateway.url}/health`, { headers })).json()) as { checks: object };
      return Object.keys(answer.checks);
    };
    expect(await checksFor({})).toEqual([]);
    expect(await checksFor({ authorization: `Bearer ${tokens.admin}` })).toEqual([]);
    expect(await checksFor({ authorization: `Bearer ${tokens.operators}` })).toContain("routes");
    expectError(await mesh.direct("gateway", "GET", "/metrics", { token: null }), 401, "UNAUTHORIZED");
  });

  it("every HTTP server on loopback refuses a Host that a web page had resolve to this machine", async () => {
    const { gateway, console: overview, consul, schemaRegistry, services } = mesh.mesh.runtime();
    const urls = [gateway.url, overview.url, consul.url, schemaRegistry.url, ...services.map(({ http }) => http)];
    for (const url of new Set(urls)) {
      const { hostname, port } = new URL(url);
      const status = (host: string) =>
        new Promise((resolve, reject) => {
          request({ hostname, port, path: "/health", headers: { host } }, (response) => {
            resolve(response.resume().statusCode);
          })
            .on("error", reject)
            .end();
        });
      expect([url, await status(`evil.example:${port}`)]).toEqual([url, 421]);
      expect([url, await status(`localhost:${port}`)]).not.toEqual([url, 421]);
    }
  });

  it.each(services)("%s documents every route that it has: GET /openapi.json [200]", async (service) => {
    const response = await fetch(`${mesh.url(service)}/openapi.json`);
    expect(response.status).toBe(200);
    const document = (await response.json()) as OpenApi;
    expect(document.openapi).toMatch(/^3\./);
    expect(operationsOf(document)).toEqual(expect.arrayContaining(routes[service]!));
  });

  it("GET /docs of the gateway is one document of all services, and a page where HTML is asked for [200]", async () => {
    const { url } = mesh.mesh.runtime().gateway;
    const wanted = Object.values(routes)
      .flat()
      .map((route) => route.replace(" ", " /api"));
    await eventually("every service is in the document", async () => {
      const document = (await (await fetch(`${url}/docs`)).json()) as OpenApi;
      expect(operationsOf(document)).toEqual(expect.arrayContaining(wanted));
      return true;
    });
    const page = await fetch(`${url}/docs`, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/html/)]);
    expect(await page.text()).toContain("/api/v1/catalog/products");
  });

  it("GET /docs and what the gateway does not have: 404 and 405 as the services answer them [NOT_FOUND] [METHOD_NOT_ALLOWED]", async () => {
    const own = (method: string, path: string) => mesh.direct("gateway", method, path);
    expectError(await own("GET", "/nothing"), 404, "NOT_FOUND");
    expectError(await own("GET", "/apis/v1/promotions"), 404, "NOT_FOUND");
    const refused = await own("POST", "/docs");
    expectError(refused, 405, "METHOD_NOT_ALLOWED");
    expect(refused.headers.get("allow")).toContain("GET");
  });

  it("the gateway does not know prefixes that no service has registered: ANY /api/** [NOT_FOUND]", async () => {
    for (const path of ["/v1/shipments-of-nobody/shp_1", "/v2/catalog/products", "/v1/catalogue"]) {
      expectError(await mesh.api("GET", path), 404, "NOT_FOUND");
    }
  });
}
