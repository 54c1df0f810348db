import { describe, expect, it } from "@jest/globals";
import { expectError, expectInvalid, type MeshFixture, unique } from "./mesh-fixture.ts";
import { things } from "./things.ts";

/** What a request and an answer look like, at a service and through the gateway. */
export function envelopeTests(mesh: MeshFixture) {
  const { promotion, order } = things(mesh);

  describe.each(["a service", "the gateway: ANY /api/**"])("the envelope of %s", (where) => {
    const isGateway = where !== "a service";
    const ask = (
      method: string,
      path: string,
      { headers = {}, body }: { headers?: object; body?: string | Uint8Array<ArrayBuffer> } = {},
    ) =>
      fetch(`${isGateway ? `${mesh.mesh.runtime().gateway.url}/api` : mesh.url("promotion-service")}${path}`, {
        method,
        headers: {
          ...(isGateway ? { authorization: `Bearer ${mesh.token("admin_of_envelopes", "admin")}` } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      });
    const json = { "content-type": "application/json" };
    const answerOf = async (...request: Parameters<typeof ask>) => {
      const response = await ask(...request);
      // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
      const { data, meta, error } = (await response.json()) as any;
      return { status: response.status, headers: response.headers, data, meta, error };
    };

    it("wraps what it gives, and nothing else", async () => {
      const promotionId = await promotion();
      const response = await ask("GET", `/v1/promotions/${promotionId}`);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({
        success: true,
        data: { promotion: expect.objectContaining({ promotionId }) },
        meta: { requestId: response.headers.get("x-request-id") },
      });
    });

    it("wraps an error with its code, and with the trace that was sent", async () => {
      const trace = "0af7651916cd43dd8448eb211c80319c";
      const response = await ask("GET", "/v1/promotions/promo_nowhere", {
        headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` },
      });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        success: false,
        error: { code: "PROMOTION_NOT_FOUND", message: expect.stringContaining("promo_nowhere") },
        meta: { requestId: response.headers.get("x-request-id"), traceId: trace },
      });
    });

    it("echoes a request id that it accepts, and makes one otherwise", async () => {
      const good = ["a", "A-z0_9.:-", "r".repeat(128)];
      for (const requestId of good) {
        const answer = await answerOf("GET", "/v1/promotions?limit=1", { headers: { "x-request-id": requestId } });
        expect(answer.headers.get("x-request-id")).toBe(requestId);
        expect(answer.meta.requestId).toBe(requestId);
      }
      const made = new Set<string>();
      for (const requestId of [undefined, "", "r".repeat(129), "with space", "slash/", "umlaut-ä"]) {
        const headers = requestId === undefined ? {} : { "x-request-id": requestId };
        const answer = await answerOf("GET", "/v1/promotions?limit=1", { headers });
        expect(answer.meta.requestId).not.toBe(requestId);
        expect(answer.meta.requestId).toMatch(/^[A-Za-z0-9._:-]{1,128}$/);
        expect(answer.headers.get("x-request-id")).toBe(answer.meta.requestId);
        made.add(answer.meta.requestId);
      }
      expect(made.size).toBe(6);
    });

    it("takes request id and trace into the event that the request causes", async () => {
      const promotionId = unique("promo");
      const requestId = unique("req");
      const trace = "1af7651916cd43dd8448eb211c80319c";
      const body = JSON.stringify({
        promotionId,
        name: "traced",
        type: "percentage",
        rules: { actions: { discountValue: 1 } },
        effectiveFrom: "2026-01-01T00:00:00Z",
        effectiveTo: "2027-01-01T00:00:00Z",
      });
      const headers = { ...json, "x-request-id": requestId, traceparent: `00-${trace}-b7ad6b7169203331-01` };
      expect((await ask("POST", "/v1/promotions", { headers, body })).status).toBe(201);
      const [event] = await mesh.events(promotionId);
      expect(event!.headers["correlation-id"]).toBe(requestId);
      expect(event!.headers.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
      expect(event!.headers["causation-id"]).toBeUndefined();
    });

    it("answers 404 for a path that it does not have, and 405 with Allow for a method [NOT_FOUND] [METHOD_NOT_ALLOWED]", async () => {
      expectError(await answerOf("GET", "/v1/promotions/a/b/c"), 404, "NOT_FOUND");
      expectError(await answerOf("GET", "/v1/nothing-like-this"), 404, "NOT_FOUND");
      const refused = await answerOf("DELETE", "/v1/promotions");
      expectError(refused, 405, "METHOD_NOT_ALLOWED");
      const allowed = refused.headers.get("allow")!.split(/, */);
      expect(allowed).toEqual(expect.arrayContaining(["GET", "POST"]));
      expect(allowed).not.toContain("DELETE");
    });

    it("answers 413 above 1 MiB, and reads what is not above it [PAYLOAD_TOO_LARGE] [VALIDATION_ERROR]", async () => {
      const filled = (bytes: number) => `{"name":"${"n".repeat(bytes - 11)}"}`;
      const limit = 1_048_576;
      expectError(
        await answerOf("POST", "/v1/promotions", { headers: json, body: filled(limit + 1) }),
        413,
        "PAYLOAD_TOO_LARGE",
      );
      expectError(
        await answerOf("POST", "/v1/promotions", { headers: json, body: filled(limit) }),
        400,
        "VALIDATION_ERROR",
      );
    });

    it("answers 415 for anything but JSON [UNSUPPORTED_MEDIA_TYPE]", async () => {
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/xml"]) {
        const request = { headers: { "content-type": type }, body: JSON.stringify({ status: "active" }) };
        expectError(await answerOf("PATCH", "/v1/promotions/promo_x", request), 415, "UNSUPPORTED_MEDIA_TYPE");
      }
    });

    it("answers BAD_REQUEST for what is not JSON [BAD_REQUEST]", async () => {
      for (const body of ['{"name":', "{'name': 1}", "", "NaN", new Uint8Array([0x22, 0xff, 0x22])]) {
        expectError(await answerOf("POST", "/v1/promotions", { headers: json, body }), 400, "BAD_REQUEST");
      }
    });

    it("answers BAD_REQUEST for JSON of the wrong shape [BAD_REQUEST]", async () => {
      for (const body of ["[]", '"text"', "5", "null"]) {
        expectError(await answerOf("POST", "/v1/promotions", { headers: json, body }), 400, "BAD_REQUEST");
      }
    });

    it("names every wrong field by the path it was sent under [VALIDATION_ERROR]", async () => {
      const body = JSON.stringify({
        customerId: 5,
        items: [
          { productId: "prod_1", quantity: 0, unitPrice: 1, colour: "red" },
          { quantity: 1, unitPrice: "free" },
        ],
        coupon: "X",
      });
      expectInvalid(
        await answerOf("POST", "/v1/promotions/promo_x/apply", { headers: json, body }),
        "orderId",
        "customerId",
        "items.0.quantity",
        "items.0.colour",
        "items.1.productId",
        "items.1.unitPrice",
        "coupon",
      );
    });

    it("refuses query parameters that it does not know or cannot read [VALIDATION_ERROR]", async () => {
      expectInvalid(await answerOf("GET", "/v1/promotions?colour=red&limit=two"), "colour", "limit");
      expectInvalid(await answerOf("GET", "/v1/promotions?limit=1&limit=2"), "limit");
    });

    it("refuses a body field that carries a prototype, and deep nesting, without failing", async () => {
      for (const body of ['{"__proto__":{"admin":true}}', `{"rules":${"[".repeat(5000)}${"]".repeat(5000)}}`]) {
        expect((await answerOf("POST", "/v1/promotions", { headers: json, body })).status).toBe(400);
      }
    });

    it("does not tell causes to the outside when something inside is wrong", async () => {
      const answer = await answerOf("GET", `/v1/promotions/${encodeURIComponent("x'; drop table promotions; --")}`);
      expectError(answer, 404, "PROMOTION_NOT_FOUND");
      expect((await answerOf("GET", "/v1/promotions/%ff")).status).toBe(400);
    });

    it("never works longer than the caller's deadline [TIMEOUT]", async () => {
      const locked = await mesh.connect("promotion");
      try {
        await locked.query("BEGIN");
        await locked.query("LOCK TABLE promotions IN ACCESS EXCLUSIVE MODE");
        const begun = performance.now();
        const answer = await answerOf("GET", "/v1/promotions", { headers: { "x-request-timeout-ms": "300" } });
        expect(performance.now() - begun).toBeLessThan(6_000);
        expect(answer.status).toBe(503);
        expect(["TIMEOUT", ...(isGateway ? ["DEPENDENCY_FAILED"] : [])]).toContain(answer.error.code);
      } finally {
        await locked.query("ROLLBACK");
        await locked.end();
      }
      const late = await answerOf("GET", "/v1/promotions", { headers: { "x-request-timeout-ms": "0" } });
      expectError(late, 503, "TIMEOUT");
    });
  });

  describe("the target that a request is meant for", () => {
    const get = (target: string, options = {}) =>
      mesh.direct("promotion-service", "GET", "/v1/promotions?limit=1", {
        headers: { "x-weft-target": target },
        ...options,
      });

    it("is checked by a service: another service or instance is 421 [MISDIRECTED_REQUEST]", async () => {
      const { instanceId } = mesh.mesh.runtime().services.find(({ name }) => name === "promotion-service")!;
      expect((await get("promotion-service")).status).toBe(200);
      expect((await get(`promotion-service/${instanceId}`)).status).toBe(200);
      for (const other of ["catalog-service", "promotion-service/another", `catalog-service/${instanceId}`]) {
        expectError(await get(other), 421, "MISDIRECTED_REQUEST");
      }
    });

    it("is dropped at the gateway, because a stranger cannot mean an instance", async () => {
      expect((await mesh.api("GET", "/v1/promotions?limit=1", { headers: { "x-weft-target": "nobody" } })).status).toBe(
        200,
      );
    });
  });

  it("a request that is nobody's order is refused whole: nothing of it is written", async () => {
    const body = order({ items: [] });
    expectInvalid(await mesh.api("POST", "/v1/promotions/promo_x/apply", { body }), "items");
  });
}
