import { afterEach, describe, expect, it } from "@jest/globals";
import { serve, stopServed } from "../testing/serve.ts";
import { things } from "../testing/things.ts";
import type { RawRoute } from "./route.ts";

afterEach(stopServed);

const shop = "https://shop.example.com";
const raw: RawRoute = {
  prefix: "/api",
  begin: async () => async () => ({ status: 200, headers: { Vary: "Accept" }, body: Buffer.from("{}") }),
};
async function asked(origins?: string[]) {
  const { url } = await serve({
    routes: things,
    rawRoutes: [raw],
    isEdge: true,
    ...(origins ? { cors: { origins } } : {}),
  });
  return async (method: string, path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}${path}`, { method, headers });
    const cors = Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith("access-control-")));
    return { status: answer.status, cors, vary: answer.headers.get("vary") ?? "" };
  };
}
const preflight = { origin: shop, "access-control-request-method": "POST" };
const readable = {
  "access-control-allow-origin": shop,
  "access-control-expose-headers": "ETag, Idempotency-Replayed, Retry-After, WWW-Authenticate, X-Request-Id",
};

describe("a server that web pages of listed origins may ask", () => {
  it("answers a preflight without asking who it is", async () => {
    const ask = await asked([shop]);
    const { status, cors, vary } = await ask("OPTIONS", "/api/v1/anything", preflight);
    expect(status).toBe(204);
    expect(vary).toContain("Origin");
    expect(cors).toEqual({
      "access-control-allow-origin": shop,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers":
        "authorization, content-type, x-request-id, traceparent, tracestate, baggage, idempotency-key, x-request-timeout-ms",
      "access-control-max-age": "600",
    });
  });

  it.each([
    ["/api/v1/anything", 200],
    ["/nothing", 404],
    ["/health", 200],
  ])("lets them read %s (%i)", async (path, status) => {
    const answer = await (await asked([shop]))("GET", path, { origin: shop });
    expect(answer).toMatchObject({ status, cors: readable });
    expect(answer.vary).toContain("Origin");
  });

  it("keeps what an answer depends on besides", async () => {
    const { vary } = await (await asked([shop]))("GET", "/api", { origin: shop });
    expect(vary.split(", ")).toEqual(expect.arrayContaining(["Origin", "Accept"]));
  });

  it.each([
    "https://evil.example",
    "http://shop.example.com",
    `${shop}:8443`,
    `${shop}.evil.example`,
    "https://SHOP.example.com",
    `${shop}/`,
    "null",
    "*",
  ])("says nothing of CORS to a page of %s, and that the answer depends on it", async (origin) => {
    const ask = await asked([shop]);
    for (const method of ["GET", "OPTIONS"]) {
      const { cors, vary } = await ask(method, "/api/v1/anything", { ...preflight, origin });
      expect(cors).toEqual({});
      expect(vary).toContain("Origin");
    }
  });

  it("may be asked by every page, where that is configured, and never with cookies", async () => {
    const { cors, vary } = await (await asked(["*", shop]))("GET", "/api", { origin: "https://any.example" });
    expect(cors).toEqual({ ...readable, "access-control-allow-origin": "*" });
    expect(vary).not.toContain("Origin");
  });

  it("takes the usual port and capital letters of a configured origin for what they are", async () => {
    const { cors } = await (await asked(["https://Shop.example.com:443"]))("GET", "/api", { origin: shop });
    expect(cors).toEqual(readable);
  });

  it("knows nothing of CORS where no origin is configured", async () => {
    for (const origins of [undefined, []]) {
      const ask = await asked(origins);
      expect(await ask("GET", "/api", { origin: shop })).toMatchObject({ status: 200, cors: {}, vary: "Accept" });
      expect((await ask("OPTIONS", "/api", preflight)).cors).toEqual({});
    }
  });

  it.each(["shop.example.com", `${shop}/`, `${shop}/path`, "ftp://shop.example.com", "https://u@shop.example.com", ""])(
    "is not made with %j for an origin",
    async (origin) => {
      await expect(asked([origin])).rejects.toThrow(/cors.origins.*must be an origin/);
    },
  );
});
