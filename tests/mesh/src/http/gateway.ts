import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, type MeshFixture, unique } from "./mesh-fixture.ts";

interface Heard {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the gateway does for a service that it has never heard of: one that only registers itself. */
export function gatewayTests(mesh: MeshFixture) {
  describe("the gateway and a new service: ANY /api/**", () => {
    const name = unique("new-service").replaceAll("_", "-");
    const prefix = `/v1/${unique("new").replaceAll("_", "-")}`;
    const heard: Heard[] = [];
    let answer = { status: 200, headers: {} as Record<string, string>, body: '{"success":true,"data":{"by":"new"}}' };
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request
        .on("data", (chunk) => chunks.push(chunk))
        .on("end", () => {
          const { method = "", url = "", headers } = request;
          if (!url.startsWith("/health")) heard.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
          response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(answer.body);
        });
    });
    const consul = (path: string, body?: unknown) =>
      fetch(`${mesh.mesh.runtime().consul.url}/v1/agent/service/${path}`, {
        method: "PUT",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });

    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const registered = await consul("register", {
        Name: name,
        ID: `${name}-1`,
        Address: "127.0.0.1",
        Port: (server.address() as AddressInfo).port,
        Meta: { version: "1.0.0", route: `${prefix},/v1/catalog/${name}` },
        Check: { TTL: "600s", Status: "passing" },
      });
      expect(registered.status).toBe(200);
    });
    afterAll(async () => {
      await consul(`deregister/${name}-1`);
      server.closeAllConnections();
      server.close();
    });

    it("forwards to it as soon as it has registered, and tells it who asks", async () => {
      await eventually("it is reached", async () => (await mesh.api("GET", `${prefix}/hello`)).status === 200);
      heard.length = 0;
      const requestId = unique("req");
      const trace = "2af7651916cd43dd8448eb211c80319c";
      const reached = await mesh.api("POST", `${prefix}/things%20here/1?q=a%2Fb&q=c`, {
        body: { any: ["thing"] },
        token: mesh.token("admin_of_new", "admin"),
        headers: {
          "x-request-id": requestId,
          traceparent: `00-${trace}-b7ad6b7169203331-01`,
          "x-request-timeout-ms": "5000",
          "idempotency-key": "key-1",
          "x-custom": "kept",
          "x-user-id": "mallory",
          "x-user-role": "root",
          "x-service-name": "mallory",
          "x-weft-target": "mallory",
          cookie: "secret=1",
        },
      });
      expect(reached).toMatchObject({ status: 200, data: { by: "new" } });
      expect(heard).toHaveLength(1);
      const { method, url, headers, body } = heard[0]!;
      expect({ method, url, body }).toEqual({
        method: "POST",
        url: `${prefix}/things%20here/1?q=a%2Fb&q=c`,
        body: '{"any":["thing"]}',
      });
      expect(headers).toMatchObject({
        "x-request-id": requestId,
        traceparent: expect.stringMatching(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`)),
        "x-user-id": "admin_of_new",
        "x-user-role": "admin",
        "x-service-name": "gateway",
        "x-service-version": expect.stringMatching(/^\d+\.\d+\.\d+/),
        "idempotency-key": "key-1",
        "x-custom": "kept",
        "content-type": "application/json",
      });
      expect(headers["x-weft-target"]).toMatch(new RegExp(`^${name}(/${name}-1)?$`));
      expect(headers).not.toHaveProperty("authorization");
      const left = Number(headers["x-request-timeout-ms"]);
      expect([left > 3000, left <= 5000]).toEqual([true, true]);
    });

    it("passes its answers and refusals on as they are, but for headers that only services may set", async () => {
      answer = {
        status: 409,
        headers: { "x-own": "kept", "x-user-id": "leak", "retry-after": "7" },
        body: '{"success":false,"error":{"code":"ODD","message":"no"},"meta":{"requestId":"r"}}',
      };
      const refused = await mesh.api("GET", `${prefix}/odd`);
      expectError(refused, 409, "ODD");
      expect(refused.headers.get("x-own")).toBe("kept");
      expect(refused.headers.get("x-user-id")).toBeNull();
    });

    it("gives it only to an admin, because no rule says more [UNAUTHORIZED] [FORBIDDEN]", async () => {
      answer = { status: 200, headers: {}, body: "{}" };
      expectError(await mesh.api("GET", `${prefix}/x`, { token: null }), 401, "UNAUTHORIZED");
      expectError(await mesh.api("GET", `${prefix}/x`, { token: mesh.token("cust_1") }), 403, "FORBIDDEN");
    });

    it("prefers the longer prefix, by whole parts of the path", async () => {
      heard.length = 0;
      await mesh.api("GET", `/v1/catalog/${name}/deep`);
      expect(heard.map(({ url }) => url)).toEqual([`/v1/catalog/${name}/deep`]);
      expect((await mesh.api("GET", `/v1/catalog/${name}s`)).status).toBe(404);
      expect((await mesh.api("GET", "/v1/catalog/products?limit=1")).data.products).toEqual(expect.any(Array));
      expect(heard).toHaveLength(1);
    });

    it("answers DEPENDENCY_FAILED, within the caller's deadline, where it is registered and not there [DEPENDENCY_FAILED]", async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const begun = performance.now();
      const failed = await mesh.api("GET", `${prefix}/x`, { headers: { "x-request-timeout-ms": "3000" } });
      expectError(failed, 503, "DEPENDENCY_FAILED", {
        dependency_service: name,
        cause: expect.stringMatching(/^(connect|breaker_open)$/),
      });
      expect(performance.now() - begun).toBeLessThan(9_000);
    });
  });
}
