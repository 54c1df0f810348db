import { describe, expect, it } from "@jest/globals";
import { deadLetterHeaders, type Envelope } from "@weft/contracts";
import { silentLogger } from "@weft/core";
import { lastHeader } from "./headers.ts";
import type { Delivery } from "./inbox.ts";
import { partitionReading } from "./partition-reading.ts";
import { on, type ReceivedEvent } from "./subscription.ts";
import { dlq, eventRecord, group, type Harness, pricing, startConsumer, until } from "./test/fixtures.ts";

const onPrice = (handle: (event: ReceivedEvent<"PriceChanged">) => Promise<void>, rest = {}) =>
  on<Delivery, "PriceChanged">("PriceChanged", { reads: ["productId"], handle, ...rest });
const settled = ({ consumer }: Harness, records: number) =>
  until(() => consumer.counts().read >= records && consumer.counts().inHand === 0);
const lettersOf = ({ broker }: Harness) =>
  broker.recordsOf(dlq).map(({ headers }) => ({
    reason: lastHeader(headers, deadLetterHeaders.reason),
    error: lastHeader(headers, deadLetterHeaders.error),
  }));

describe("an event whose sequence cannot be right", () => {
  it.each([
    ["reused", "sequence_reused", /event-sequence 2 of a in pricing.events is one that another event has had/],
    ["jumped", "untrusted_source", /event-sequence 2 of a in pricing.events is more than one above the last/],
  ] as const)(
    "becomes a dead letter where the inbox says %s: no effect, no gap, and the key goes on",
    async (outcome, reason, error) => {
      const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
      harness.inbox.refused.set("wrong", outcome);
      await harness.broker.send([
        eventRecord({ key: "a", sequence: 1 }),
        eventRecord({ key: "a", sequence: 2, eventId: "wrong" }),
        eventRecord({ key: "a", sequence: 2 }),
      ]);
      await settled(harness, 3);
      expect(lettersOf(harness)).toEqual([{ reason, error: expect.stringMatching(error) }]);
      expect(harness.consumer.counts()).toMatchObject({ effect: 2, dead: 1, duplicate: 0 });
      expect([...harness.inbox.gaps]).toEqual([]);
      await harness.consumer.stop();
    },
  );

  it("shows in health at once, not only at the next look", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
    harness.inbox.refused.set("wrong", "reused");
    harness.inbox.found = [{ trouble: "reused", topic: pricing, events: 1, example: "a" }];
    expect((await harness.consumer.health!()).status).toBe("healthy");
    await harness.broker.send([eventRecord({ key: "a", sequence: 2, eventId: "wrong" })]);
    await settled(harness, 1);
    await until(() => (harness.consumer.health!() as { status: string }).status === "degraded");
    expect(await harness.consumer.health!()).toMatchObject({ details: { reused: 1 } });
    await harness.consumer.stop();
  });
});

describe("the place of an event in the order of its aggregate", () => {
  it("is noted for an event of a type that nobody subscribes to, and its offset passes after that", async () => {
    const harness = await startConsumer({
      subscriptions: [on("ProductCreated", { reads: [], handle: async () => {} })],
    });
    await harness.broker.send([
      eventRecord({ type: "ProductUpdated", key: "a", sequence: 2, eventId: "updated" }),
      eventRecord({ type: "ProductUpdated", key: "a" }),
    ]);
    await settled(harness, 2);
    expect(harness.consumer.counts()).toMatchObject({ ignored: 2 });
    expect(harness.inbox.passed).toMatchObject([
      { topic: "catalog.events", aggregateId: "a", sequence: 2, eventId: "updated", offset: 0n },
    ]);
    await harness.consumer.stop();
  });

  it("stays open behind a record that cannot be read or believed, where it is the next one, and no further", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {}, { sources: ["pricing-service"] })] });
    const forge = (envelope: Envelope) => Object.assign(envelope, { source: "someone" });
    const unreadable = (sequence: number) => ({
      ...eventRecord({ key: "a", sequence }),
      value: Buffer.from("\0\0\0\0\x01{"),
    });
    await harness.broker.send([
      unreadable(1),
      eventRecord({ key: "a", sequence: 2, change: forge }),
      unreadable(1000),
      eventRecord({ key: "a", sequence: 4000, change: forge }),
      eventRecord({ key: "a", sequence: 3 }),
    ]);
    await settled(harness, 5);
    expect(lettersOf(harness).map(({ reason }) => reason)).toEqual([
      "undecodable",
      "untrusted_source",
      "undecodable",
      "untrusted_source",
    ]);
    expect([...harness.inbox.gaps]).toEqual([
      [`${pricing} a 1`, "skipped"],
      [`${pricing} a 2`, "skipped"],
    ]);
    expect(harness.inbox.applied.map(({ sequence }) => sequence)).toEqual([3]);
    await harness.consumer.stop();
  });

  it("is what the event says, where it got its sequence later: below it, and nothing else", async () => {
    const places: unknown[] = [];
    const harness = await startConsumer({
      subscriptions: [onPrice(async ({ place, sequence }) => void places.push([sequence, place]))],
    });
    const withPlace = (sequence: number | undefined, place?: string) =>
      eventRecord({ key: "a", ...(sequence && { sequence }), ...(place && { headers: { "event-place": place } }) });
    await harness.broker.send([
      withPlace(1),
      withPlace(2, "1.25"),
      withPlace(3, "4"),
      withPlace(4, "-1"),
      withPlace(5, "NaN"),
      withPlace(undefined, "1"),
    ]);
    await settled(harness, 6);
    expect(places).toEqual([
      [1, 1],
      [2, 1.25],
      [3, 3],
      [4, 4],
      [5, 5],
      [undefined, undefined],
    ]);
    await harness.consumer.stop();
  });
});

describe("a delivery", () => {
  it("tells the earlier of the times of envelope and record: an inbox that forgot its id must not take it for a new one", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
    const at = (timestamp: string) => ({ change: (envelope: Envelope) => void Object.assign(envelope, { timestamp }) });
    await harness.broker.send([
      { ...eventRecord(at("2026-01-02T03:04:05.000Z")), timestampMs: Date.parse("2026-03-01T00:00:00Z") },
      { ...eventRecord(at("2026-04-02T03:04:05.000Z")), timestampMs: Date.parse("2026-03-01T00:00:00Z") },
    ]);
    await settled(harness, 2);
    expect(harness.inbox.applied.map(({ timestampMs }) => new Date(timestampMs!).toISOString())).toEqual([
      "2026-01-02T03:04:05.000Z",
      "2026-03-01T00:00:00.000Z",
    ]);
    await harness.consumer.stop();
  });
});

describe("the inbox's note of what was read", () => {
  const noted = (harness: Harness) => harness.inbox.next.get(`${pricing} 0`);

  it("is made before the group's offset is committed", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] }, 1);
    const done = harness.inbox.reading!.done;
    let isAway = true;
    let refused = 0;
    harness.inbox.reading!.done = async (...args) => {
      if (isAway) {
        refused += 1;
        throw new Error("the database is away");
      }
      await done(...args);
    };
    await harness.broker.send([eventRecord(), eventRecord()]);
    await until(() => refused > 0);
    expect(harness.broker.commits).toEqual([]);
    isAway = false;
    await until(() => harness.broker.committed(group, { topic: pricing, partition: 0 }) === 2n);
    expect(noted(harness)).toBe(2n);
    await harness.consumer.stop();
  });

  it("says what was passed over where the first record comes after it, but not for offsets without a record", async () => {
    const begun: bigint[] = [];
    const told: unknown[] = [];
    const reading = {
      next: async () => 10n,
      begin: async (_consumer: string, { offset }: { offset: bigint }) => void begun.push(offset),
      done: async () => {},
    };
    const log = { ...silentLogger, error: (details: unknown) => void told.push(details) };
    const committed = { topic: pricing, partition: 0, offset: 10n };
    const begin = partitionReading(
      { broker: { groupOffsets: async () => [committed] }, inbox: { reading }, log },
      group,
    );
    await begin({ topic: pricing, partition: 0 }, 11n); // the one before is a transaction's marker
    expect(told).toEqual([]);
    committed.offset = 15n;
    await begin({ topic: pricing, partition: 0 }, 15n);
    await begin({ topic: pricing, partition: 0 }, 4n);
    expect(begun).toEqual([10n, 15n, 4n]);
    expect(told).toEqual([{ topic: pricing, partition: 0, from: "10", to: "15", records: 5 }]);
  });
});
