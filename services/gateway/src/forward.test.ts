import { beforeEach, describe, expect, it } from "@jest/globals";
import { type CallContext, contextFields, currentContext, newContext, RateLimited, Unauthorized } from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";
import type { ForwardAnswer, ForwardRequest, RawRequest } from "@weft/transport";
import type { User } from "./access.ts";
import { forwardRoute } from "./forward.ts";

let passed: (ForwardRequest & { service: string; kind: string; context: CallContext })[] = [];
let counted: string[] = [];
let answer: Partial<ForwardAnswer> = {};
beforeEach(() => {
  passed = [];
  counted = [];
  answer = {};
});

const users: Record<string, User> = {
  "Bearer admin": { id: "boss", role: "admin" },
  "Bearer me": { id: "cust_1", role: "customer" },
};
const { begin } = forwardRoute(
  {
    routes: {
      match: (path) =>
        path.startsWith("/v1/catalog") ? { service: "catalog-service", isPublicRead: false } : undefined,
    },
    authenticate: async (authorization) => {
      if (authorization === undefined) return undefined;
      const user = users[authorization];
      if (!user) throw new Unauthorized({});
      return user;
    },
    limit: (key) => {
      counted.push(key);
      if (counted.length > 3) throw new RateLimited();
    },
    clientFor: (service, kind) => ({
      async forward(request) {
        passed.push({ ...request, service, kind, context: currentContext()! });
        const body = answer.body ?? Buffer.from("{}");
        return { status: 200, headers: {}, instance: {} as ServiceInstance, ...answer, body };
      },
    }),
  },
  { trustedProxies: 0 },
);

type Asked = RawRequest & { body: Buffer };
const handle = async ({ body, ...head }: Asked) => (await begin(head))(body);
const request = (more: Partial<Asked> = {}): Asked => ({
  method: "GET",
  url: "/api/v1/catalog/products?limit=2",
  headers: {},
  body: Buffer.alloc(0),
  remoteAddress: "203.0.113.9",
  context: newContext({ requestId: "req-1" }),
  ...more,
});
const code = (work: Promise<unknown>) =>
  work.then(
    () => "passed",
    (error) => (error as { code: string }).code,
  );

describe("a request through the gateway", () => {
  it("goes to its service without /api, with its query, its body and who it is", async () => {
    const body = Buffer.from("{}");
    await handle(
      request({
        method: "POST",
        url: "/api/v1/catalog/products?x=1",
        body,
        headers: { authorization: "Bearer admin" },
      }),
    );
    expect(passed).toMatchObject([
      {
        service: "catalog-service",
        kind: "write",
        method: "POST",
        path: "/v1/catalog/products?x=1",
        body,
        context: { requestId: "req-1", user: { id: "boss", role: "admin" } },
      },
    ]);
  });

  it("keeps the trace and the idempotency key, and drops the token", async () => {
    const context = newContext({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
    await handle(
      request({
        context,
        headers: { authorization: "Bearer me", "idempotency-key": "k1", accept: "application/json" },
      }),
    );
    expect(passed[0]?.headers).toMatchObject({ "idempotency-key": "k1", accept: "application/json" });
    expect(passed[0]?.context.trace).toEqual(context.trace);
    expect(passed[0]?.headers).not.toHaveProperty("authorization");
  });

  it.each([
    ["x-user-id", "boss"],
    ["x-user-role", "admin"],
    ["x-user-anything", "1"],
    ["x-weft-target", "other-service"],
    ["x-weft-correlation-id", "c"],
    ["x-service-name", "promotion-service"],
    ["x-service-version", "9"],
    ["x-request-timeout-ms", "1"],
    ["x-request-id", "another"],
    ["x-weft-causation-id", "event-0"],
    ["traceparent", "00-1-2-01"],
    ["tracestate", "a=1"],
    ["baggage", "a=1"],
    ["x_user_id", "boss"],
    ["x_user-role", "admin"],
    ["x-user_role", "admin"],
    ["x.user.id", "boss"],
    ["x_forwarded_for", "1.2.3.4"],
    ["content_length", "7"],
    ["x-forwarded-host", "evil.test"],
    ["forwarded", "for=1.2.3.4"],
    ["cookie", "session=1"],
  ])("does not take %s with it", async (name, value) => {
    await handle(request({ headers: { [name]: value } }));
    expect(passed[0]?.headers).not.toHaveProperty([name]);
    expect(passed[0]?.context.user).toBeUndefined();
  });

  it("has its context written by the client alone: whatever a client hands on does not go through as it came", async () => {
    const names = Object.values(contextFields).flatMap(({ http }) => http);
    await handle(request({ headers: Object.fromEntries(names.map((name) => [name, "as it came"])) }));
    expect(Object.keys(passed[0]!.headers).sort()).toEqual(["idempotency-key", "x-forwarded-for"]);
  });

  it("says where it came from, whatever it says itself", async () => {
    await handle(request({ headers: { "x-forwarded-for": "1.2.3.4" } }));
    expect(passed[0]?.headers["x-forwarded-for"]).toBe("203.0.113.9");
    expect(counted).toEqual(["address 203.0.113.9"]);
  });

  it("says of an IPv6 client the whole address, and counts its network", async () => {
    await handle(request({ remoteAddress: "2001:DB8:0:0:1::1" }));
    expect(passed[0]?.headers["x-forwarded-for"]).toBe("2001:db8::1:0:0:1");
    expect(counted).toEqual(["address 2001:db8:0:0::/64"]);
  });

  it("is refused before its body is read where its headers decide", async () => {
    const refused = [
      { method: "POST", headers: { authorization: "Bearer forged" } },
      { method: "POST" },
      { method: "POST", headers: { authorization: "Bearer me" } },
    ];
    const codes = await Promise.all(refused.map((more) => code(begin(request(more)))));
    expect(codes).toEqual(["UNAUTHORIZED", "UNAUTHORIZED", "FORBIDDEN"]);
  });

  it("is counted for its subject, else its address, and for its address where its token is refused", async () => {
    await handle(request({ headers: { authorization: "Bearer me" } }));
    await handle(request());
    expect(await code(handle(request({ headers: { authorization: "Bearer forged" } })))).toBe("UNAUTHORIZED");
    expect(counted).toEqual(["subject cust_1", "address 203.0.113.9", "address 203.0.113.9"]);
    expect(await code(handle(request({ headers: { authorization: "Bearer forged" } })))).toBe("RATE_LIMITED");
  });

  it.each([
    ["an unknown prefix", { url: "/api/v1/nothing" }, "NOT_FOUND"],
    ["nothing after /api", { url: "/api" }, "NOT_FOUND"],
    ["a path with two meanings", { url: "/api/v1/catalog/../customers/cust_2" }, "BAD_REQUEST"],
    ["nobody where somebody is needed", { method: "POST" }, "UNAUTHORIZED"],
    ["the wrong one", { method: "POST", headers: { authorization: "Bearer me" } }, "FORBIDDEN"],
  ])("is not passed on: %s", async (_what, more, expected) => {
    expect(await code(handle(request(more)))).toBe(expected);
    expect(passed).toEqual([]);
  });

  it("gives the answer back as it is, without what services say to each other", async () => {
    answer = {
      status: 409,
      headers: {
        "content-type": "application/json",
        "idempotency-replayed": "true",
        "retry-after": "3",
        "set-cookie": ["a=1", "b=2"],
        "x-service-name": "catalog-service",
        "x-weft-instance": "secret",
        "access-control-allow-origin": "*",
      },
      body: Buffer.from("conflict"),
    };
    expect(await handle(request())).toEqual({
      status: 409,
      headers: {
        "content-type": "application/json",
        "idempotency-replayed": "true",
        "retry-after": "3",
        "set-cookie": ["a=1", "b=2"],
      },
      body: Buffer.from("conflict"),
    });
  });
});
