import { afterEach, describe, expect, it } from "@jest/globals";
import { RateLimited } from "@weft/core";
import { serve, stopServed } from "../testing/serve.ts";
import { things } from "../testing/things.ts";
import type { HttpServerOptions } from "./server.ts";

afterEach(stopServed);

const token = "a-secret-of-operators";
const metrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
  text: () => "weft_up 1\n",
};
const checks = { database: { status: "degraded" as const, message: "28P01" } };
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

async function asked(options: Partial<HttpServerOptions>) {
  let reports = 0;
  const { server, url } = await serve(
    {
      routes: things,
      health: async () => {
        reports += 1;
        return { status: "degraded", checks };
      },
      ...options,
    },
    { metrics },
  );
  const get = async (path: string, headers: Record<string, string> = {}, base = url) => {
    const response = await fetch(base + path, { headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  };
  return { server, url, get, reports: () => reports };
}

describe("the operators' pages of a server inside", () => {
  it("show everything to everybody", async () => {
    const { get } = await asked({});
    expect((await get("/health")).json().checks).toEqual(checks);
    expect((await get("/metrics")).text).toBe("weft_up 1\n");
    expect((await get("/openapi.json")).json().openapi).toBe("3.1.0");
  });

  it("show strangers the status alone where operators are configured", async () => {
    const { get } = await asked({ operators: { token } });
    expect((await get("/health")).json().checks).toEqual({});
    expect((await get("/metrics")).status).toBe(401);
    expect((await get("/metrics", bearer(token))).text).toBe("weft_up 1\n");
  });
});

describe("the operators' pages of an edge", () => {
  it.each(["/health", "/health/live", "/health/ready"])("show strangers the status alone: %s", async (path) => {
    const { get } = await asked({ isEdge: true, operators: { token } });
    const { status, json } = await get(path);
    expect([status, json()]).toEqual([
      200,
      {
        status: "degraded",
        service: "thing-service",
        version: "1.2.3",
        instanceId: "thing-1",
        timestamp: expect.any(String),
        checks: {},
      },
    ]);
    expect((await get(path, bearer(token))).json().checks).toEqual(checks);
  });

  it("say nothing of what a start waits for, neither in health nor in a refusal", async () => {
    const { server, get } = await asked({ isEdge: true, operators: { token } });
    server.setReady("waiting for token-keys: ECONNREFUSED");
    const health = await get("/health");
    expect([health.status, health.json().status, health.json().checks]).toEqual([503, "unhealthy", {}]);
    const refused = await get("/v1/things");
    expect([refused.status, refused.json().error.message]).toEqual([503, "the service is starting"]);
    expect((await get("/health", bearer(token))).text).toContain("ECONNREFUSED");
  });

  it.each([
    ["no token", {}],
    ["another token", bearer("a-secret-of-strangers")],
    ["the beginning of it", bearer(token.slice(0, -1))],
    ["more than it", bearer(`${token}x`)],
    ["an empty one", bearer("")],
    ["another scheme", { authorization: `Basic ${Buffer.from(`a:${token}`).toString("base64")}` }],
  ])("give no metrics and no details for %s", async (_what, headers) => {
    const { get } = await asked({ isEdge: true, operators: { token } });
    const refused = await get("/metrics", headers);
    expect([refused.status, refused.json().error.code]).toEqual([401, "UNAUTHORIZED"]);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer( error="invalid_token")?$/);
    expect((await get("/health", headers)).json().checks).toEqual({});
  });

  it("give metrics to nobody where neither a token nor a listener is configured", async () => {
    const { get } = await asked({ isEdge: true });
    for (const headers of [{}, bearer(""), bearer("undefined")]) {
      expect((await get("/metrics", headers)).status).toBe(401);
      expect((await get("/health", headers)).json().checks).toEqual({});
    }
  });

  it("show everything on the operators' own listener, which has nothing else", async () => {
    const { server, get } = await asked({ isEdge: true, operators: { addr: "127.0.0.1:0" } });
    const { host, port } = server.operatorsAddress()!;
    const base = `http://${host}:${port}`;
    expect((await get("/metrics", {}, base)).text).toBe("weft_up 1\n");
    expect((await get("/health", {}, base)).json().checks).toEqual(checks);
    expect((await get("/openapi.json", {}, base)).status).toBe(200);
    expect((await get("/v1/things", {}, base)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: "POST" })).status).toBe(405);
    expect((await get("/metrics")).status).toBe(401);
    await server.stop();
    await expect(fetch(`${base}/health`)).rejects.toThrow();
  });

  it("are limited for strangers, and never the health", async () => {
    let left = 2;
    const limitStrangers = () => {
      left -= 1;
      if (left < 0) throw new RateLimited(undefined, { retryAfterSeconds: 7 });
    };
    const { get } = await asked({ isEdge: true, operators: { token }, limitStrangers });
    expect([(await get("/openapi.json")).status, (await get("/metrics")).status]).toEqual([200, 401]);
    for (const path of ["/openapi.json", "/metrics"]) {
      const { status, headers } = await get(path);
      expect([status, headers.get("retry-after")]).toEqual([429, "7"]);
      expect((await get(path, bearer(token))).status).toBe(200);
    }
    expect((await get("/health")).status).toBe(200);
  });

  it("ask the components once for many strangers, and anew for each operator", async () => {
    const { get, reports } = await asked({ isEdge: true, operators: { token } });
    await Promise.all(Array.from({ length: 30 }, () => get("/health")));
    // A second may pass on a busy machine.
    expect(reports()).toBeLessThan(10);
    const before = reports();
    for (let time = 0; time < 3; time++) await get("/health", bearer(token));
    expect(reports()).toBe(before + 3);
  });

  it("are refused at the start with every wrong option", async () => {
    await expect(asked({ operators: { token: "short", addr: "nowhere" }, keepAliveMs: 10 })).rejects.toThrow(
      /keepAliveMs.*operators\.addr nowhere.*operators\.token must have at least 16/,
    );
  });
});
