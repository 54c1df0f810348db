import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { contracts } from "@weft/contracts";
import {
  type CallContext,
  type ContextField,
  contextFields,
  currentContext,
  newContext,
  readContext,
  silentLogger,
} from "@weft/core";
import { eventConsumer, on, recordOf, type StoredEvent } from "@weft/messaging";
import { createOutbox, type Queryable, type Row } from "@weft/outbox";
import { httpClient, httpServer, type Route } from "@weft/transport";
import { memoryInbox, memorySchemas, until } from "../../messaging/src/test/fixtures.ts";
import { memoryBroker } from "../../messaging/src/test/memory-broker.ts";
import { instanceAt, staticRegistry } from "../../transport/src/testing/static-registry.ts";

/*
 * Every field of the table, over commits: a caller that says all of them → a service that appends → the record that its relay
 * sends → the handler of another service → what that one appends, and what it calls.
 */

type FieldName = keyof typeof contextFields;
const rows = Object.entries(contextFields) as [FieldName, ContextField][];
const examples = Object.fromEntries(
  rows.flatMap(([, { http, example }]) => http.map((name, i) => [name, example[i]!])),
);

function partOf(name: FieldName, context: CallContext): unknown {
  if (name === "trace") return context.trace.traceId;
  if (name === "tracestate") return context.trace.state;
  return context[name];
}

/** A database that keeps the rows of its outbox, as the relay claims them. */
function outboxRows(): { rows: StoredEvent[]; tx: Queryable } {
  const rows: StoredEvent[] = [];
  const tx: Queryable = {
    async query<R extends Row>(_text: string, values: readonly unknown[] = []) {
      const [topic, aggregateId, eventId, eventType, version, text, headers] = values as string[];
      const row = { topic, aggregateId, eventId, eventType, version, text, sequence: 1, headers: JSON.parse(headers!) };
      rows.push(row as StoredEvent);
      return { rows: [] as R[], rowCount: 1 };
    },
  };
  return { rows, tx };
}

const { data } = contracts.PriceChanged.examples[0]!;
const asked = outboxRows();
const handled = outboxRows();
let inHandler: { event: CallContext; current: CallContext } | undefined;
let inCalled: CallContext | undefined;
const stops: (() => Promise<unknown>)[] = [];

async function serve(name: string, handle: Route["handle"]) {
  const identity = { name, version: "1.0.0", instanceId: `${name}-1` };
  const route: Route = { method: "POST", path: "/v1/things", summary: "Does a thing", handle };
  const server = httpServer({ log: silentLogger, identity }, { addr: "127.0.0.1:0", routes: [route] });
  await server.start();
  stops.push(() => server.stop());
  server.setReady(true);
  return { port: server.address().port, instanceId: identity.instanceId };
}

beforeAll(async () => {
  const outbox = createOutbox({}, { source: "pricing-service" });
  const first = await serve("pricing-service", async () => {
    await outbox.append(asked.tx, "PriceChanged", data);
    return { data: {} };
  });
  const called = await serve("thing-service", async ({ context }) => {
    inCalled = context;
    return { data: {} };
  });

  const broker = memoryBroker({ "pricing.events": 1, "catalog-service.dlq": 1 });
  const ownOutbox = createOutbox({}, { source: "catalog-service" });
  const client = httpClient(
    {
      registry: staticRegistry("thing-service", [{ ...instanceAt(called.port), instanceId: called.instanceId }]),
      log: silentLogger,
      identity: { name: "catalog-service", version: "1.0.0", instanceId: "catalog-1" },
    },
    { service: "thing-service" },
  );
  stops.push(() => client.close());
  const consumer = eventConsumer(
    { broker, schemas: memorySchemas(), inbox: memoryInbox(), log: silentLogger },
    {
      group: "catalog-service",
      subscriptions: [
        on("PriceChanged", {
          reads: [],
          async handle({ context }) {
            inHandler = { event: context, current: currentContext()! };
            await ownOutbox.append(handled.tx, "PriceChanged", data);
            await client.request({ method: "POST", path: "/v1/things" });
          },
        }),
      ],
    },
  );
  await consumer.start();
  stops.push(() => consumer.stop());

  const response = await fetch(`http://127.0.0.1:${first.port}/v1/things`, { method: "POST", headers: examples });
  expect(response.status).toBe(200);
  await broker.send([recordOf(asked.rows[0]!, await memorySchemas().idOf("PriceChanged", 1))]);
  await until(() => inCalled !== undefined);
});

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const user = { id: "cust_1", role: "customer" };
/** What each field is in the handler of the event; the deadline is the handler's own. */
const afterCommit = (): Partial<Record<FieldName, unknown>> => ({
  requestId: "cor-1",
  correlationId: "cor-1",
  causationId: asked.rows[0]!.eventId,
  trace: "0af7651916cd43dd8448eb211c80319c",
  tracestate: "vendor=1",
  baggage: "cart=17",
  caller: "asking-service",
  user: { ...user, isProvenance: true },
  idempotencyKey: "key-1",
});
const crossing = rows.filter(([, { crossesCommits }]) => crossesCommits);

describe("the fields of the call context over commits", () => {
  it.each(rows)(
    "%s: is in the row of the outbox exactly where it crosses commits",
    (_name, { event, example, crossesCommits }) => {
      const { headers } = asked.rows[0]!;
      expect(event.length > 0).toBe(crossesCommits);
      for (const [i, name] of event.entries()) {
        if (name === "traceparent")
          expect(headers[name]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
        else expect(headers[name]).toBe(example[i]);
      }
    },
  );

  it("put nothing else beside the source into the row", () => {
    const names = crossing.flatMap(([, { event }]) => event);
    expect(Object.keys(asked.rows[0]!.headers).sort()).toEqual(["source", ...names].sort());
  });

  it.each(Object.keys(contextFields) as FieldName[])("%s: is in the handler what the table says", (name) => {
    const { event, current } = inHandler!;
    if (name === "deadline") {
      expect(event.deadline).toBeUndefined();
      expect(current.deadline).toBeGreaterThan(performance.now() + 1500);
      return;
    }
    for (const context of [event, current]) expect(partOf(name, context)).toEqual(afterCommit()[name]);
  });

  it.each(crossing)("%s: goes on into what the handler appends", (name, { event }) => {
    const { headers } = handled.rows[0]!;
    const context = newContext(
      readContext("event", (header) => (event.includes(header) ? headers[header] : undefined)),
    );
    if (name === "tracestate") expect(headers.tracestate).toBe("vendor=1");
    else expect(partOf(name, context)).toEqual(afterCommit()[name]);
  });

  it("go on into what the handler calls, in the name of its service and of no user", () => {
    const { deadline, trace, ...called } = inCalled!;
    expect(deadline).toBeGreaterThan(0);
    expect([trace.traceId, trace.state]).toEqual(["0af7651916cd43dd8448eb211c80319c", "vendor=1"]);
    expect(called).toEqual({
      requestId: "cor-1",
      correlationId: "cor-1",
      causationId: asked.rows[0]!.eventId,
      baggage: "cart=17",
      caller: "catalog-service",
    });
  });
});
