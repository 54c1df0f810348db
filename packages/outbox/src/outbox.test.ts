import { describe, expect, it } from "@jest/globals";
import { EventInvalid, EventTooLarge } from "@weft/contracts";
import { newContext, runInContext } from "@weft/core";
import type { Queryable, Row } from "./database.ts";
import { EventNotDeclared } from "./errors.ts";
import { createOutbox } from "./outbox.ts";
import { shardOf } from "./shard.ts";

function recordingQueryable() {
  const statements: { text: string; values: readonly unknown[] }[] = [];
  const queryable: Queryable = {
    async query<R extends Row>(text: string, values: readonly unknown[] = []) {
      statements.push({ text, values });
      return { rows: [] as R[], rowCount: 1 };
    },
  };
  return { statements, queryable };
}

const clock = { now: () => new Date("2026-01-02T03:04:05.678Z") };
const price = {
  productId: "prod_1",
  basePrice: 2,
  finalPrice: 1,
  currency: "EUR",
  changedAt: "2026-01-02T03:04:05.000Z",
};

describe("outbox", () => {
  it("writes the envelope as it will be sent, with the headers of the call", async () => {
    const { statements, queryable } = recordingQueryable();
    const outbox = createOutbox({ clock }, { source: "pricing-service" });
    const context = newContext({ requestId: "req-1", idempotencyKey: "key-1", causationId: "event-0" });
    const envelope = await runInContext(context, () => outbox.append(queryable, "PriceChanged", price));
    expect(envelope).toMatchObject({
      eventType: "PriceChanged",
      source: "pricing-service",
      timestamp: "2026-01-02T03:04:05.678Z",
    });
    const [topic, aggregateId, eventId, type, version, text, headers, shard] = statements[0]?.values ?? [];
    expect([topic, aggregateId, eventId, type, version]).toEqual([
      "pricing.events",
      "prod_1",
      envelope.eventId,
      "PriceChanged",
      envelope.version,
    ]);
    expect(text).toBe(JSON.stringify(envelope));
    expect(JSON.parse(String(headers))).toEqual({
      source: "pricing-service",
      "correlation-id": "req-1",
      "causation-id": "event-0",
      "idempotency-key": "key-1",
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    });
    expect(shard).toBe(shardOf("pricing.events", "prod_1"));
  });

  it("refuses what the schema refuses, and what is too large, before anything is written", async () => {
    const { statements, queryable } = recordingQueryable();
    const outbox = createOutbox({ clock }, { source: "pricing-service" });
    const wrong = outbox.append(queryable, "PriceChanged", { ...price, basePrice: "2" } as never);
    expect(await wrong.catch((error: unknown) => EventInvalid.is(error))).toBe(true);
    const product = { productId: "p", sku: "s", name: "n", categoryId: "c", description: "x".repeat(1_000_000) };
    const large = outbox.append(queryable, "ProductCreated", {
      ...product,
      createdAt: "2026-01-02T03:04:05.000Z",
    } as never);
    expect(await large.catch((error: unknown) => EventTooLarge.is(error) || EventInvalid.is(error))).toBe(true);
    expect(statements).toEqual([]);
  });

  it("refuses a type that its service does not declare, before anything is written", async () => {
    const { statements, queryable } = recordingQueryable();
    const outbox = createOutbox({ clock }, { source: "catalog-service", publishes: ["ProductCreated"] });
    // @ts-expect-error it is not one of those that are declared
    const refused = await outbox.append(queryable, "PriceChanged", price).catch((error: unknown) => error);
    expect(EventNotDeclared.is(refused) && refused.message).toBe(
      "catalog-service does not publish PriceChanged; it declares ProductCreated as what it publishes",
    );
    expect(statements).toEqual([]);
  });

  it("locks each aggregate once, in one order", async () => {
    const { statements, queryable } = recordingQueryable();
    const outbox = createOutbox({}, { source: "s" });
    const key = (topic: string, aggregateId: string) => ({ topic, aggregateId });
    await outbox.lock(queryable, [key("b", "1"), key("a", "2"), key("a", "10"), key("b", "1")]);
    expect(statements[0]?.values).toEqual([
      ["a", "a", "b"],
      ["10", "2", "1"],
    ]);
    await outbox.lock(queryable, []);
    expect(statements).toHaveLength(1);
  });

  it("tells once, after the commit, which shards have news", async () => {
    const { queryable } = recordingQueryable();
    const outbox = createOutbox({}, { source: "s" });
    const hooks: (() => void)[] = [];
    const tx = { ...queryable, afterCommit: (work: () => void) => void hooks.push(work) };
    const news: number[][] = [];
    const stop = outbox.onAppended((shards) => news.push([...shards]));
    await outbox.append(tx, "PriceChanged", price);
    await outbox.append(tx, "PriceChanged", price);
    expect([news, hooks.length]).toEqual([[], 1]);
    hooks[0]?.();
    expect(news).toEqual([[shardOf("pricing.events", "prod_1")]]);
    stop();
  });
});
