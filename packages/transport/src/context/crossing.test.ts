import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type CallContext,
  type ContextField,
  contextFields,
  newContext,
  remainingMs,
  type ServiceIdentity,
  silentLogger,
} from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";
import { grpcClient } from "../grpc/grpc-client.ts";
import { httpClient } from "../http/http-client.ts";
import type { Route } from "../http/route.ts";
import { identity, serve, stopServed } from "../testing/serve.ts";
import {
  InventoryServiceDefinition,
  plainCaller,
  question,
  serveGrpc,
  stockOf,
  stopGrpc,
} from "../testing/serve-grpc.ts";
import { instanceAt, staticRegistry } from "../testing/static-registry.ts";
import { callHeaders, isInternalHeader } from "./headers.ts";

/*
 * Every field of the table, over every kind of call: a caller that says all of them → a service over HTTP or gRPC → what that
 * one calls over HTTP and over gRPC.
 */

type FieldName = keyof typeof contextFields;
const rows = Object.entries(contextFields) as [FieldName, ContextField][];
const headersOf = (carrier: "http" | "grpc") =>
  Object.fromEntries(rows.flatMap(([, field]) => field[carrier].map((name, i) => [name, field.example[i]!])));

/** The part of a context that a field is, where it can be compared after a hop: each process has a span and a clock of its own. */
function partOf(name: FieldName, context: CallContext): unknown {
  if (name === "trace") return context.trace.traceId;
  if (name === "tracestate") return context.trace.state;
  if (name === "deadline") return remainingMs(context)! <= 1500;
  return context[name];
}

/** What each field is where all the examples came in, as the fields mean it. */
const given: Record<FieldName, unknown> = {
  requestId: "req-1",
  correlationId: "cor-1",
  causationId: "event-0",
  trace: "0af7651916cd43dd8448eb211c80319c",
  tracestate: "vendor=1",
  baggage: "cart=17",
  caller: "asking-service",
  user: { id: "cust_1", role: "customer" },
  idempotencyKey: "key-1",
  deadline: true,
};
/** The same, one call later. Each call has its own caller, and no key but one that it is given. */
const handedOn: Record<FieldName, unknown> = { ...given, caller: "middle-service", idempotencyKey: undefined };

const middle: ServiceIdentity = { name: "middle-service", version: "2.0.0", instanceId: "middle-1" };
const seen = new Map<string, CallContext>();

function noting(place: string, ask: () => Promise<unknown> = async () => {}): Route {
  return {
    method: "POST",
    path: `/v1/${place}`,
    summary: "Notes the context",
    async handle({ context }) {
      seen.set(place, context);
      await ask();
      return { data: {} };
    },
  };
}

const cleanups: (() => Promise<void>)[] = [];

/** Clients of the middle service to services that note the context under these names. */
async function askBoth(name: string): Promise<() => Promise<void>> {
  const { url } = await serve({ routes: [noting(`${name}-http`)] });
  const { address } = await serveGrpc(async ({ request, context }) => {
    seen.set(`${name}-grpc`, context);
    return stockOf(request.productId);
  });
  const target = identity.name;
  const overHttp = client(
    (registry) => httpClient({ registry, log: silentLogger, identity: middle }, { service: target }),
    {
      ...instanceAt(Number(new URL(url).port)),
      instanceId: identity.instanceId,
    },
  );
  const grpcPort = Number(address.split(":")[1]);
  const overGrpc = client(
    (registry) =>
      grpcClient(
        { registry, log: silentLogger, identity: middle },
        { target: `discovery:///${target}`, definition: InventoryServiceDefinition },
      ),
    { ...instanceAt(1), instanceId: identity.instanceId, grpcPort },
  );
  return async () => {
    await overHttp.request({ method: "POST", path: `/v1/${name}-http` });
    await overGrpc.call("checkStock", question);
  };
}

function client<Client extends { close(): Promise<void> }>(
  make: (registry: ReturnType<typeof staticRegistry>) => Client,
  instance: ServiceInstance,
): Client {
  const made = make(staticRegistry(identity.name, [instance]));
  cleanups.push(() => made.close());
  return made;
}

beforeAll(async () => {
  const askFromHttp = await askBoth("http");
  const askFromGrpc = await askBoth("grpc");
  const { url } = await serve({ routes: [noting("http", askFromHttp)] });
  const { address } = await serveGrpc(async ({ request, context }) => {
    seen.set("grpc", context);
    await askFromGrpc();
    return stockOf(request.productId);
  });
  expect((await fetch(`${url}/v1/http`, { method: "POST", headers: headersOf("http") })).status).toBe(200);
  await plainCaller(address).ask(question, headersOf("grpc"), { deadline: Date.now() + 1500 });

  const edge = await serve({ routes: [noting("edge")], isEdge: true });
  expect((await fetch(`${edge.url}/v1/edge`, { method: "POST", headers: headersOf("http") })).status).toBe(200);
});

afterAll(async () => {
  await Promise.all(cleanups.map((close) => close()));
  await stopServed();
  await stopGrpc();
});

const cells = rows.flatMap(([name]) => (["http", "grpc"] as const).map((first) => [name, first] as const));

describe("the fields of the call context over calls", () => {
  it.each(cells)("%s: comes into a service that is called over %s", (name, first) => {
    expect(partOf(name, seen.get(first)!)).toEqual(given[name]);
  });

  it.each(cells)(
    "%s: goes on from a service called over %s to what it calls over HTTP and over gRPC",
    (name, first) => {
      expect(partOf(name, seen.get(`${first}-http`)!)).toEqual(handedOn[name]);
      expect(partOf(name, seen.get(`${first}-grpc`)!)).toEqual(handedOn[name]);
    },
  );

  it.each(rows)(
    "%s: is taken from a stranger at the edge only where the table says so",
    (name, { fromStrangers, http }) => {
      const context = seen.get("edge")!;
      const isTaken = JSON.stringify(partOf(name, context)) === JSON.stringify(given[name]);
      expect(isTaken).toBe(fromStrangers);
      for (const header of http) expect(isInternalHeader(header)).toBe(!fromStrangers);
    },
  );

  it("name the caller and the target of each call, and no user where the work is that of an event's handler", () => {
    const user = { id: "cust_1", role: "customer", isProvenance: true } as const;
    for (const carrier of ["http", "grpc"] as const) {
      const headers = callHeaders(
        carrier,
        middle,
        instanceAt(1, "thing-1"),
        newContext({ user, caller: "first-service" }),
      );
      expect(headers).toMatchObject({
        "x-service-name": "middle-service",
        "x-service-version": "2.0.0",
        "x-weft-target": "thing-service/thing-1",
      });
      expect(headers).not.toHaveProperty("x-user-id");
      expect(headers).not.toHaveProperty("x-user-role");
    }
  });
});

describe("a call that names a user in a form that does not count", () => {
  it.each([
    ["a role alone", { "x-user-role": "customer" }],
    ["an id that is too long", { "x-user-id": "x".repeat(201), "x-user-role": "customer" }],
    ["an empty role", { "x-user-id": "cust_1", "x-user-role": "" }],
  ])("is refused and not taken for the call of a service: %s", async (_what, headers: Record<string, string>) => {
    let reached = 0;
    const reach = async () => {
      reached += 1;
    };
    const { url } = await serve({ routes: [noting("refused", reach)] });
    const answer = await fetch(`${url}/v1/refused`, { method: "POST", headers });
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      400,
      "BAD_REQUEST",
    ]);
    const { address } = await serveGrpc(async ({ request }) => {
      await reach();
      return stockOf(request.productId);
    });
    await expect(plainCaller(address).ask(question, headers)).rejects.toMatchObject({ code: 3 });
    expect(reached).toBe(0);
  });

  it("is served without a user where it has an id and no role, which asks for nothing", async () => {
    const { url } = await serve({ routes: [noting("id-alone")] });
    const answer = await fetch(`${url}/v1/id-alone`, { method: "POST", headers: { "x-user-id": "cust_1" } });
    expect(answer.status).toBe(200);
    expect(seen.get("id-alone")!.user).toBeUndefined();
  });
});

describe("a context whose user cannot be named in a header", () => {
  it.each(["http", "grpc"] as const)(
    "is refused for a call over %s, by the fields that are wrong and without their values",
    (carrier) => {
      const context = newContext({ user: { id: "cust_ё", role: "customer" } });
      const write = () => callHeaders(carrier, middle, instanceAt(1), context);
      expect(write).toThrow(expect.objectContaining({ code: "REQUEST_NOT_SENDABLE", kind: "invalid" }));
      expect(write).toThrow(/x-user-id and x-user-role of the call context would not be valid$/);
    },
  );
});
