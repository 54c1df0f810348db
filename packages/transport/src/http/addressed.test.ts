import { connect } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { rawAnswer, readRaw } from "../testing/raw.ts";
import { serve, stopServed } from "../testing/serve.ts";
import { things } from "../testing/things.ts";
import type { RawRoute, Route } from "./route.ts";

afterEach(stopServed);

const echo: RawRoute = {
  prefix: "/api",
  begin:
    async ({ url, headers }) =>
    async () => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify({ url, host: headers.host })),
    }),
};
const ask = async (port: number, line: string, ...headers: string[]) =>
  readRaw(await rawAnswer(port, `${line}\r\n${[...headers, "Connection: close"].join("\r\n")}\r\n\r\n`));

describe("an HTTP server on loopback", () => {
  it.each([
    ["/v1/things", "evil.example"],
    ["/health", "evil.example:8001"],
    ["/metrics", "evil.example"],
    ["/openapi.json", "evil.example"],
    ["/api/x", "127.0.0.1.evil.example"],
    ["/nothing", "10.0.0.1"],
  ])("refuses %s for the host %s with 421, and names the setting", async (path, host) => {
    const { server } = await serve({ routes: things, rawRoutes: [echo] });
    const { status, body } = await ask(server.address().port, `GET ${path} HTTP/1.1`, `Host: ${host}`);
    expect([status, body.error.code]).toEqual([421, "MISDIRECTED_REQUEST"]);
    expect(body.error.message).toContain("server.http.allowed_hosts");
    expect(body.error.message).toContain(host);
  });

  it.each(["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8001", "shop.example.com:443", "a.tunnel.example"])(
    "answers for the host %s",
    async (host) => {
      const { server } = await serve({ routes: things, allowedHosts: ["shop.example.com", "*.tunnel.example"] });
      expect((await ask(server.address().port, "GET /v1/things HTTP/1.1", `Host: ${host}`)).status).toBe(200);
    },
  );

  it("answers HTTP/1.0 without a host, as a plain probe asks", async () => {
    const { server } = await serve({ routes: things });
    expect((await ask(server.address().port, "GET /health/ready HTTP/1.0")).status).toBe(200);
  });

  it("refuses what a web page of another origin sends without asking, and lets services pass its Origin on", async () => {
    let made = 0;
    const bodiless: Route = {
      method: "POST",
      path: "/v1/made",
      summary: "",
      handle: async () => ({ data: { made: ++made } }),
    };
    const { server } = await serve({ routes: [bodiless] });
    const post = (...headers: string[]) =>
      ask(server.address().port, "POST /v1/made HTTP/1.1", "Host: localhost", "Content-Length: 0", ...headers);
    for (const origin of ["http://evil.example", "null"]) {
      const { status, body } = await post(`Origin: ${origin}`);
      expect([status, body.error.code]).toEqual([403, "FORBIDDEN"]);
    }
    expect(made).toBe(0);
    expect((await post("Origin: http://localhost:3000")).status).toBe(200);
    expect((await post("Origin: http://shop.example", "X-Service-Name: gateway")).status).toBe(200);
  });

  it("lets web pages ask at an edge, where a token says who it is", async () => {
    const { server } = await serve({ routes: things, isEdge: true });
    const page = ["Host: localhost", "Origin: http://shop.example"];
    expect((await ask(server.address().port, "GET /v1/things HTTP/1.1", ...page)).status).toBe(200);
  });
});

describe("an HTTP server on every address", () => {
  it("answers for every host, unless some are allowed", async () => {
    const open = await serve({ routes: things, addr: "0.0.0.0:0" });
    const named = await serve({ routes: things, addr: "0.0.0.0:0", allowedHosts: ["shop.example"] });
    const statusOf = async ({ server }: typeof open, host: string) =>
      (await ask(server.address().port, "GET /v1/things HTTP/1.1", `Host: ${host}`)).status;
    expect(await statusOf(open, "any.example")).toBe(200);
    expect(await statusOf(named, "shop.example")).toBe(200);
    expect(await statusOf(named, "10.1.2.3:8001")).toBe(200);
    expect(await statusOf(named, "any.example")).toBe(421);
  });
});

describe("a request target with scheme and host", () => {
  it.each([
    ["http://localhost/v1/things?limit=5", { query: { limit: 5 } }],
    ["HTTP://LOCALHOST:80/v1/things", { query: { limit: 20 } }],
    ["https://localhost/v1/things", { query: { limit: 20 } }],
  ])("means its path: %s", async (target, data) => {
    const { server } = await serve({ routes: things });
    const { status, body } = await ask(server.address().port, `GET ${target} HTTP/1.1`, "Host: localhost");
    expect([status, body.data]).toEqual([200, data]);
  });

  it("is handed to a raw route as path and host", async () => {
    const { server } = await serve({ rawRoutes: [echo] });
    const one = await ask(server.address().port, "GET http://localhost:1/api/a?b=c HTTP/1.1", "Host: 127.0.0.1");
    expect([one.status, one.body]).toEqual([200, { url: "/api/a?b=c", host: "localhost:1" }]);
  });

  it("is for its own host, whatever the header says", async () => {
    const { server } = await serve({ routes: things });
    const { port } = server.address();
    expect((await ask(port, "GET http://evil.example/v1/things HTTP/1.1", "Host: localhost")).status).toBe(421);
    expect((await ask(port, "GET http://localhost/v1/things HTTP/1.1", "Host: evil.example")).status).toBe(200);
    expect((await ask(port, "GET http://localhost/health HTTP/1.1", "Host: localhost")).status).toBe(200);
    expect((await ask(port, "GET http://localhost HTTP/1.1", "Host: localhost")).status).toBe(404);
  });
});

describe("a request that could mean several things, or nothing", () => {
  it.each([
    ["no Host header", "GET /v1/things HTTP/1.1", []],
    ["two Host headers", "GET /v1/things HTTP/1.1", ["Host: localhost", "host: evil.example"]],
    ["a fragment", "GET /v1/things#x HTTP/1.1", ["Host: localhost"]],
    ["a fragment after the query", "GET /v1/things?limit=5#x HTTP/1.1", ["Host: localhost"]],
    ["another scheme", "GET ftp://localhost/v1/things HTTP/1.1", ["Host: localhost"]],
    ["a user in the target", "GET http://a:b@localhost/v1/things HTTP/1.1", ["Host: localhost"]],
    ["no host in the target", "GET http:///v1/things HTTP/1.1", ["Host: localhost"]],
    ["a star that is no OPTIONS", "GET * HTTP/1.1", ["Host: localhost"]],
    ["a relative path", "GET v1/things HTTP/1.1", ["Host: localhost"]],
    ["another protocol", "PRI * HTTP/2.0", []],
  ])("is a 400 in the usual form: %s", async (_what, line, headers) => {
    const { server } = await serve({ routes: things });
    const { status, head, body } = await ask(server.address().port, line, ...headers);
    expect([status, body.success, body.error.code]).toEqual([400, false, "BAD_REQUEST"]);
    expect(body.meta).toEqual({
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(head).toContain(`X-Request-Id: ${body.meta.requestId}`);
  });

  it("is a 417 in the usual form where it expects what nobody promises", async () => {
    const { server } = await serve({ routes: things });
    const { port } = server.address();
    const id = "X-Request-Id: mine";
    const refused = await ask(port, "GET /v1/things HTTP/1.1", "Host: localhost", "Expect: 200-ok", id);
    expect([refused.status, refused.body.error.code, refused.body.meta.requestId]).toEqual([
      417,
      "BAD_REQUEST",
      "mine",
    ]);
    expect((await ask(port, "GET /v1/things HTTP/1.1", "Host: evil.example", "Expect: 200-ok")).status).not.toBe(200);
  });

  it("is a 405 in the usual form where it asks for a tunnel", async () => {
    const { server } = await serve({ routes: things });
    const { status, head, body } = await ask(
      server.address().port,
      "CONNECT a.example:443 HTTP/1.1",
      "Host: localhost",
    );
    expect([status, body.error.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(head).toContain("Allow: ");
  });

  it("cuts the connection without a word where another answer is on its way", async () => {
    const whole = Buffer.alloc(32 * 1_048_576, "x");
    const { server } = await serve({
      rawRoutes: [{ prefix: "/long", begin: async () => async () => ({ status: 200, headers: {}, body: whole }) }],
    });
    const socket = connect(server.address().port, "127.0.0.1");
    const answers = await new Promise<number>((resolve) => {
      let count = 0;
      socket.write("GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n");
      socket.once("data", () => socket.write("not HTTP at all\r\n\r\n"));
      socket
        .on("data", (chunk) => {
          if (chunk.includes("HTTP/1.1 ")) count += 1;
        })
        .on("error", () => {})
        .on("close", () => resolve(count));
    });
    expect(answers).toBe(1);
  });
});
