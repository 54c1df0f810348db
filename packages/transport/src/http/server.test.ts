import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import {
  Conflict,
  currentContext,
  defineError,
  type IdempotencyKeys,
  type StoredAnswer,
  silentLogger,
  WeftError,
} from "@weft/core";
import { serve, stopServed } from "../testing/serve.ts";
import { json, post, things } from "../testing/things.ts";
import type { Route } from "./route.ts";

afterEach(stopServed);

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
const bodyOf = async (response: Response): Promise<any> => response.json();

describe("HTTP server", () => {
  it("answers in the usual form and echoes the request id", async () => {
    const { url } = await serve({ routes: things });
    const response = await fetch(`${url}/v1/things?limit=5&old=true`, { headers: { "x-request-id": "req-7" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBe("req-7");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.json()).toEqual({
      success: true,
      data: { query: { limit: 5, old: true } },
      meta: { requestId: "req-7", nextCursor: "abc" },
    });
    const made = await fetch(`${url}/v1/things`, { headers: { "x-request-id": "not allowed!" } });
    expect(made.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect((await bodyOf(made)).data.query.limit).toBe(20);
    expect((await post(`${url}/v1/things`, { name: "a" })).status).toBe(201);
    const head = await fetch(`${url}/v1/things`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("names every wrong field by its path", async () => {
    const { url } = await serve({ routes: things });
    const response = await post(`${url}/v1/things`, { nam: "x", parts: [{ quantity: 0, colour: "red" }] });
    const { error, meta } = await bodyOf(response);
    expect(response.status).toBe(400);
    expect(error.code).toBe("VALIDATION_ERROR");
    expect(Object.keys(error.details.field_errors).sort()).toEqual([
      "nam",
      "name",
      "parts.0.colour",
      "parts.0.quantity",
    ]);
    expect(meta.traceId).toMatch(/^[0-9a-f]{32}$/);
    const query = await bodyOf(await fetch(`${url}/v1/things?limit=ten&colour=red`));
    expect(Object.keys(query.error.details.field_errors).sort()).toEqual(["colour", "limit"]);
    const twice = await bodyOf(await fetch(`${url}/v1/things?limit=1&limit=2`));
    expect(twice.error.details.field_errors.limit).toBe("is given more than once");
  });

  it.each([
    ["unreadable JSON", "{", json, 400, "BAD_REQUEST"],
    ["no body", "", json, 400, "BAD_REQUEST"],
    ["a list", "[]", json, 400, "BAD_REQUEST"],
    ["another type", "name=a", { "content-type": "text/plain" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["another charset", "{}", { "content-type": "application/json; charset=latin1" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["a compressed body", "{}", { ...json, "content-encoding": "gzip" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["more than 1 MiB", `{"name":"${"x".repeat(1_048_576)}"}`, json, 413, "PAYLOAD_TOO_LARGE"],
    ["much more than 1 MiB", `{"name":"${"x".repeat(5_000_000)}"}`, json, 413, "PAYLOAD_TOO_LARGE"],
    ["33 levels", "[".repeat(33) + "]".repeat(33), json, 400, "BAD_REQUEST"],
    ["100,000 levels", "[".repeat(100_000) + "]".repeat(100_000), json, 400, "BAD_REQUEST"],
    ["__proto__", '{"name":"a","__proto__":{"polluted":1}}', json, 400, "BAD_REQUEST"],
    ["constructor.prototype", '{"name":"a","constructor":{"prototype":{"polluted":1}}}', json, 400, "BAD_REQUEST"],
    ["NUL", '{"name":"a\\u0000"}', json, 400, "VALIDATION_ERROR"],
    ["two byte order marks", '\ufeff\ufeff{"name":"a"}', json, 400, "BAD_REQUEST"],
    ["a byte order mark behind a blank", ' \ufeff{"name":"a"}', json, 400, "BAD_REQUEST"],
  ])("refuses %s", async (_what, body, headers, status, code) => {
    const { url } = await serve({ routes: things });
    const response = await fetch(`${url}/v1/things`, {
      method: "POST",
      headers: headers as Record<string, string>,
      body,
    });
    expect([response.status, (await bodyOf(response)).error.code]).toEqual([status, code]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("leaves out one byte order mark at the beginning of a body", async () => {
    const { url } = await serve({ routes: things });
    const response = await post(`${url}/v1/things`, '\ufeff{"name":"a"}');
    expect([response.status, (await bodyOf(response)).data.thing]).toEqual([201, { name: "a" }]);
  });

  it("knows its paths, their methods and their values", async () => {
    const { url } = await serve({ routes: things });
    const codeOf = async (path: string, method = "GET") => {
      const response = await fetch(url + path, { method });
      return [response.status, (await bodyOf(response)).error?.code, response.headers.get("allow")];
    };
    expect(await codeOf("/v1/nothing")).toEqual([404, "NOT_FOUND", null]);
    expect(await codeOf("/V1/things")).toEqual([404, "NOT_FOUND", null]);
    expect(await codeOf("/v1/things", "DELETE")).toEqual([405, "METHOD_NOT_ALLOWED", "GET, HEAD, POST"]);
    expect(await codeOf("/v1/things/a", "POST")).toEqual([405, "METHOD_NOT_ALLOWED", "GET, HEAD"]);
    expect(await codeOf("/v1/things/%zz")).toEqual([400, "BAD_REQUEST", null]);
    expect(await codeOf(`/v1/things/${"x".repeat(201)}`)).toEqual([400, "VALIDATION_ERROR", null]);
    const { data } = await bodyOf(await fetch(`${url}/v1/things/a%2Fb%20%C3%A9`));
    expect(data.params).toEqual({ thingId: "a/b é" });
  });

  it("carries the call context in", async () => {
    const { url } = await serve({ routes: things });
    const headers = {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "x-weft-correlation-id": "began-it",
      "x-service-name": "other-service",
      "x-user-id": "cust_1",
      "x-user-role": "customer",
      "x-request-timeout-ms": "700",
    };
    const { data } = await bodyOf(await fetch(`${url}/v1/things/a`, { headers }));
    expect(data.context).toMatchObject({
      correlationId: "began-it",
      caller: "other-service",
      user: { id: "cust_1", role: "customer" },
      trace: { traceId: "0af7651916cd43dd8448eb211c80319c", sampled: true },
    });
    expect(data.leftMs).toBeLessThanOrEqual(700);
    const alone = (await bodyOf(await fetch(`${url}/v1/things/a`))).data;
    expect(alone.context.correlationId).toBe(alone.context.requestId);
    expect(alone.leftMs).toBeGreaterThan(14_000);
  });

  it("believes nobody's internal headers at the edge", async () => {
    const { url } = await serve({ routes: things, isEdge: true });
    const headers = {
      "x-weft-target": "other",
      "x-user-id": "a",
      "x-user-role": "admin",
      "x-service-name": "b",
      "x-weft-correlation-id": "c",
    };
    const { data } = await bodyOf(await fetch(`${url}/v1/things/a`, { headers }));
    expect(data.context.user).toBeUndefined();
    expect(data.context.caller).toBeUndefined();
    expect(data.context.correlationId).toBe(data.context.requestId);
  });

  it("refuses a request that was meant for another service or instance", async () => {
    const { url } = await serve({ routes: things });
    const statusFor = async (target: string) =>
      (await fetch(`${url}/v1/things`, { headers: { "x-weft-target": target } })).status;
    expect(await statusFor("thing-service")).toBe(200);
    expect(await statusFor("thing-service/thing-1")).toBe(200);
    expect(await statusFor("thing-service/thing-0")).toBe(421);
    expect(await statusFor("other-service")).toBe(421);
    expect(await statusFor("thing-service/")).toBe(421);
  });

  it.each([false, true])("is not healthy for a check that means another instance (edge: %s)", async (isEdge) => {
    const { url, server } = await serve({ routes: things, isEdge });
    const statusFor = async (path: string, target: string) =>
      (await fetch(`${url}${path}`, { headers: { "x-weft-target": target } })).status;
    expect(await statusFor("/health/ready", "thing-service/thing-1")).toBe(200);
    expect(await statusFor("/health/ready", "thing-service/thing-0")).toBe(421);
    expect(await statusFor("/health/ready", "other-service/thing-1")).toBe(421);
    expect(await statusFor("/health/live", "other-service/thing-1")).toBe(421);
    server.setReady("is starting");
    expect(await statusFor("/health/ready", "thing-service/thing-0")).toBe(421);
    expect(await statusFor("/health/ready", "thing-service/thing-1")).toBe(503);
  });

  it("says TIMEOUT when the work takes longer than the route, the server or the caller allows", async () => {
    let finish = () => {};
    const slow: Route = {
      method: "GET",
      path: "/slow",
      summary: "",
      handle: () => new Promise((resolve) => (finish = () => resolve({ data: {} }))),
    };
    const { url } = await serve({ routes: [slow, { ...slow, path: "/bounded", timeoutMs: 30 }], timeoutMs: 60 });
    for (const [path, headers] of [
      ["/slow", {}],
      ["/bounded", {}],
      ["/slow", { "x-request-timeout-ms": "20" }],
      ["/bounded", { "x-request-timeout-ms": "0" }],
    ] as const) {
      const response = await fetch(url + path, { headers });
      expect([response.status, (await bodyOf(response)).error.code]).toEqual([503, "TIMEOUT"]);
      finish();
    }
  });

  it("gives away nothing of an error that it does not know", async () => {
    const routes: Route[] = [
      {
        method: "GET",
        path: "/broken",
        summary: "",
        handle: async () => {
          throw new TypeError("secret of the house");
        },
      },
      {
        method: "GET",
        path: "/refused",
        summary: "",
        handle: async () => {
          throw new Conflict({ message: "no" });
        },
      },
    ];
    const { url } = await serve({ routes });
    const broken = await fetch(`${url}/broken`);
    const text = await broken.text();
    expect([broken.status, JSON.parse(text).error.code]).toEqual([500, "INTERNAL_ERROR"]);
    expect(text).not.toContain("secret");
    const refused = await fetch(`${url}/refused`);
    expect([refused.status, (await bodyOf(refused)).error]).toEqual([409, { code: "CONFLICT", message: "no" }]);
  });

  it("shows a code that is no caller's business as the common one of its kind, and logs the real one", async () => {
    const CommitUnknown = defineError<void>({
      code: "COMMIT_UNKNOWN",
      kind: "unavailable",
      retryable: true,
      message: () => "postgres://10.0.0.1 was lost",
    });
    const ThingExists = defineError<void>({ code: "THING_EXISTS", kind: "exists", message: () => "taken" });
    const fails = (path: string, error: () => Error, errors: string[] = []): Route => ({
      method: "POST",
      path,
      summary: "",
      errors,
      async handle() {
        throw error();
      },
    });
    const logged: unknown[] = [];
    const log = { ...silentLogger, warn: (fields: unknown) => logged.push(fields) };
    const { url } = await serve(
      {
        routes: [
          fails("/unknown", () => new CommitUnknown(undefined, { retryAfterSeconds: 3 })),
          fails("/full", () => Object.assign(new Error("/data: no space left on device"), { code: "ENOSPC" })),
          fails("/full-database", () => Object.assign(new Error("could not extend file"), { code: "53100" })),
          fails("/away", () => new WeftError({ code: "DATABASE_AWAY", kind: "resource", message: "10.0.0.1" })),
          fails("/undeclared", () => new ThingExists()),
          fails("/declared", () => new ThingExists(), ["THING_EXISTS"]),
        ],
      },
      { log },
    );
    const failed = await post(`${url}/unknown`, {});
    expect([failed.status, failed.headers.get("retry-after")]).toEqual([503, "3"]);
    expect((await bodyOf(failed)).error).toEqual({
      code: "SERVICE_UNAVAILABLE",
      message: expect.not.stringContaining("10.0.0.1"),
    });
    expect(logged).toEqual([{ err: expect.objectContaining({ code: "COMMIT_UNKNOWN" }), route: "/unknown" }]);
    for (const path of ["/full", "/full-database", "/away"]) {
      const answer = await post(url + path, {});
      expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "1"]);
      const { error } = await bodyOf(answer);
      expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", details: { cause: "resource" } });
      expect(error.message).not.toMatch(/device|extend|10\.0/);
    }
    const codeOf = async (path: string) => (await bodyOf(await post(url + path, {}))).error.code;
    expect([await codeOf("/undeclared"), await codeOf("/declared")]).toEqual(["CONFLICT", "THING_EXISTS"]);
  });

  it("runs a request with an Idempotency-Key through the store, says when the answer is an old one, and keeps final refusals alone", async () => {
    const answers = new Map<string, StoredAnswer>();
    const seen: string[] = [];
    const idempotency: IdempotencyKeys = {
      async once(request, work) {
        seen.push(`${request.subject} ${request.route} ${request.key}`);
        const id = `${request.route} ${request.key} ${request.fingerprint}`;
        const known = answers.get(id);
        if (known) return { answer: known, replayed: true };
        const answer = await work().catch((error: unknown) => {
          const refusal = request.refusal(error);
          if (refusal === undefined) throw error;
          return refusal;
        });
        answers.set(id, JSON.parse(JSON.stringify(answer)));
        return { answer, replayed: false };
      },
    };
    let made = 0;
    const routes: Route[] = [
      { ...things[2]!, handle: async () => ({ status: 201, data: { made: ++made } }) },
      {
        method: "POST",
        path: "/v1/refused",
        summary: "",
        handle: async () => {
          made += 1;
          throw new Conflict({ message: "no", isFinal: true });
        },
      },
      {
        method: "POST",
        path: "/v1/refused-for-now",
        summary: "",
        handle: async () => {
          made += 1;
          throw new Conflict({ message: "not yet" });
        },
      },
    ];
    const { url } = await serve({ routes }, { idempotency });
    const key = { "idempotency-key": "k1", "x-user-id": "u", "x-user-role": "customer" };
    const first = await post(`${url}/v1/things`, { name: "a", parts: [] }, key);
    const again = await post(`${url}/v1/things`, '{ "parts": [], "name": "a" }', { ...key, "x-request-id": "second" });
    expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, null]);
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect(await bodyOf(again)).toEqual({ success: true, data: { made: 1 }, meta: { requestId: "second" } });
    expect(seen[0]).toBe("user:u POST /v1/things k1");
    expect((await bodyOf(await post(`${url}/v1/things`, { name: "b" }, key))).data.made).toBe(2);
    for (const replayed of [null, "true"]) {
      const refused = await post(`${url}/v1/refused`, {}, key);
      expect([refused.status, refused.headers.get("idempotency-replayed")]).toEqual([409, replayed]);
      expect((await bodyOf(refused)).error.code).toBe("CONFLICT");
    }
    expect(made).toBe(3);
    for (let n = 0; n < 2; n++) {
      const refused = await post(`${url}/v1/refused-for-now`, {}, key);
      expect([refused.status, refused.headers.get("idempotency-replayed")]).toEqual([409, null]);
    }
    expect(made).toBe(5);
    const bad = await post(`${url}/v1/things`, { name: "a" }, { "idempotency-key": "x".repeat(256) });
    expect([bad.status, (await bodyOf(bad)).error.code]).toEqual([400, "BAD_REQUEST"]);
  });

  it("sheds what is over its limit, and never its health", async () => {
    const open: (() => void)[] = [];
    const routes: Route[] = [
      {
        method: "GET",
        path: "/slow",
        summary: "",
        handle: () => new Promise((resolve) => open.push(() => resolve({ data: {} }))),
      },
    ];
    const { url } = await serve({ routes, maxConcurrent: 2 });
    const waiting = [fetch(`${url}/slow`), fetch(`${url}/slow`)];
    while (open.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const shed = await fetch(`${url}/slow`);
    expect([shed.status, shed.headers.get("retry-after"), (await bodyOf(shed)).error.code]).toEqual([
      503,
      "1",
      "SERVICE_UNAVAILABLE",
    ]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    for (const finish of open) finish();
    for (const response of await Promise.all(waiting)) expect(response.status).toBe(200);
  });

  it("passes whole requests to a raw route, whatever their method", async () => {
    const { url } = await serve({
      rawRoutes: [
        {
          prefix: "/api",
          begin:
            async ({ method, url, headers }) =>
            async (body) => ({
              status: 202,
              headers: { "content-type": "text/plain", "x-request-id": "theirs" },
              body: Buffer.from(`${method} ${url} ${headers["x-canary"]} ${body} ${currentContext()?.requestId}`),
            }),
        },
      ],
    });
    const response = await fetch(`${url}/api/v1/a?b=c`, {
      method: "PUT",
      body: "body",
      headers: { "x-canary": "1", "x-request-id": "mine" },
    });
    expect([response.status, response.headers.get("x-request-id"), await response.text()]).toEqual([
      202,
      "mine",
      "PUT /api/v1/a?b=c 1 body mine",
    ]);
    expect((await fetch(`${url}/apis`)).status).toBe(404);
    expect((await fetch(`${url}/api`, { method: "POST", body: "x".repeat(1_048_577) })).status).toBe(413);
  });

  it("describes its routes in OpenAPI 3.1 and serves its metrics", async () => {
    const metrics = {
      counter: () => ({ add() {} }),
      gauge: () => ({ set() {} }),
      histogram: () => ({ observe() {} }),
      text: () => "weft_up 1\n",
    };
    const { url } = await serve({ routes: things }, { metrics });
    const document = await bodyOf(await fetch(`${url}/openapi.json`));
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(["/v1/things", "/v1/things/{thingId}"]);
    expect(document.paths["/v1/things"].post.requestBody.content["application/json"].schema.required).toEqual(["name"]);
    expect(document.paths["/v1/things"].post.parameters[0].name).toBe("Idempotency-Key");
    expect(await (await fetch(`${url}/metrics`)).text()).toBe("weft_up 1\n");
    expect((await fetch(`${url}/metrics`, { method: "POST" })).status).toBe(405);
  });

  it("compresses only long answers", async () => {
    const routes: Route[] = [
      {
        method: "GET",
        path: "/text/{size}",
        summary: "",
        handle: async ({ params }) => ({ data: { text: "x".repeat(Number(params.size)) } }),
      },
    ];
    const { url } = await serve({ routes });
    const encodingOf = (size: number) =>
      new Promise((resolve, reject) => {
        httpRequest(`${url}/text/${size}`, { headers: { "accept-encoding": "gzip" } }, (response) => {
          resolve(response.headers["content-encoding"]);
          response.resume();
        })
          .on("error", reject)
          .end();
      });
    expect(await encodingOf(100)).toBeUndefined();
    expect(await encodingOf(20_000)).toBe("gzip");
  });

  it.each([
    ["no HTTP", "hello\r\n\r\n", "400"],
    ["two lengths", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "400",
    ],
    ["no host", "GET / HTTP/1.1\r\n\r\n", "400"],
    ["long headers", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, "431"],
  ])("answers %s on the wire and cuts the connection", async (_what, bytes, status) => {
    const { server } = await serve({ routes: things });
    const answer = await new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect(server.address().port, "127.0.0.1", () => socket.write(bytes));
      socket
        .on("data", (chunk) => {
          text += chunk;
        })
        .on("close", () => resolve(text))
        .on("error", reject);
    });
    expect(answer.startsWith(`HTTP/1.1 ${status}`)).toBe(true);
  });
});
