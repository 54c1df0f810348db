import { describe, expect, it } from "@jest/globals";
import { deadLetterHeaders, type Envelope, maxEventBytes } from "@weft/contracts";
import { currentContext, DependencyFailed, silentLogger, sleep } from "@weft/core";
import fc from "fast-check";
import type { OutgoingRecord } from "./broker.ts";
import { eventConsumer, type RecordCounts } from "./consumer.ts";
import { Poison, RecordRefused, SchemaRegistryUnavailable, SubscriptionsInvalid, TopicMissing } from "./errors.ts";
import { headersAsTexts, lastHeader } from "./headers.ts";
import { type Delivery, noInbox } from "./inbox.ts";
import { on, type ReceivedEvent } from "./subscription.ts";
import {
  dlq,
  eventRecord,
  group,
  type Harness,
  memoryInbox,
  memorySchemas,
  pricing,
  startConsumer,
  until,
} from "./test/fixtures.ts";
import { memoryBroker } from "./test/memory-broker.ts";

const onPrice = (handle: (event: ReceivedEvent<"PriceChanged">, tx: Delivery) => Promise<void>, rest = {}) =>
  on<Delivery, "PriceChanged">("PriceChanged", { reads: ["productId"], handle, ...rest });

const sumOf = ({ read: _, ...rest }: RecordCounts) => Object.values(rest).reduce((sum, count) => sum + count, 0);
const settled = ({ consumer }: Harness, records: number) =>
  until(() => consumer.counts().read >= records && consumer.counts().inHand === 0);
const reasonsOf = ({ broker }: Harness) =>
  broker.recordsOf(dlq).map(({ headers }) => lastHeader(headers, deadLetterHeaders.reason));
const allCommitted = ({ broker }: Harness, partitions = 3) =>
  until(() =>
    Array.from({ length: partitions }, (_, partition) => partition).every(
      (partition) =>
        (broker.committed(group, { topic: pricing, partition }) ?? 0n) ===
        BigInt(broker.recordsOf(pricing).filter((record) => record.partition === partition).length),
    ),
  );

describe("an event consumer", () => {
  it("hands an event to its handler in its context and commits after it", async () => {
    const seen: ReceivedEvent[] = [];
    const harness = await startConsumer({
      subscriptions: [
        onPrice(async (event, tx) => {
          expect(tx.eventId).toBe(event.id);
          expect(currentContext()?.causationId).toBe(event.id);
          expect(currentContext()?.correlationId).toBe("req-1");
          expect(currentContext()?.deadline).toBeGreaterThan(performance.now());
          seen.push(event);
        }),
      ],
    });
    await harness.broker.send([eventRecord({ key: "prod_7", sequence: 1, eventId: "e-1" })]);
    await settled(harness, 1);
    expect(seen[0]).toMatchObject({
      id: "e-1",
      type: "PriceChanged",
      key: "prod_7",
      sequence: 1,
      attempt: 1,
      topic: pricing,
    });
    await allCommitted(harness);
    await harness.consumer.stop();
  });

  it("keeps the order of each key and never commits past an unfinished record, whatever fails and however long it takes", async () => {
    const script = fc.array(
      fc.record({
        key: fc.integer({ min: 0, max: 5 }),
        turns: fc.integer({ min: 0, max: 3 }),
        fails: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), async (steps, isRebalanced) => {
        const sequences = new Map<number, number>();
        const failuresLeft = new Map<string, number>();
        const turnsOf = new Map<string, number>();
        const finished = new Set<string>();
        const running = new Set<string>();
        const harness = await startConsumer({
          lanesPerPartition: 2,
          lanes: 3,
          maxInHand: 10,
          subscriptions: [
            onPrice(async (event) => {
              expect(running.has(event.key)).toBe(false);
              running.add(event.key);
              for (let turn = 0; turn < (turnsOf.get(event.id) ?? 0); turn += 1) await sleep(0);
              running.delete(event.key);
              const left = failuresLeft.get(event.id) ?? 0;
              if (left > 0) {
                failuresLeft.set(event.id, left - 1);
                throw new Error("not yet");
              }
              finished.add(`${event.topic} ${event.partition} ${event.offset}`);
            }),
          ],
        });
        for (const [index, { key, turns, fails }] of steps.entries()) {
          const sequence = (sequences.get(key) ?? 0) + 1;
          sequences.set(key, sequence);
          failuresLeft.set(`s-${index}`, fails);
          turnsOf.set(`s-${index}`, turns);
          await harness.broker.send([eventRecord({ key: `prod_${key}`, sequence, eventId: `s-${index}` })]);
          if (isRebalanced && index === Math.floor(steps.length / 2)) await harness.broker.rebalance();
        }
        await until(() => harness.inbox.applied.length === steps.length);
        const last = new Map<string, number>();
        for (const { aggregateId, sequence } of harness.inbox.applied) {
          expect(sequence).toBe((last.get(aggregateId) ?? 0) + 1);
          last.set(aggregateId, sequence!);
        }
        await allCommitted(harness);
        for (const { topic, partition, offset } of harness.broker.commits) {
          for (let before = 0n; before < offset; before += 1n)
            expect(finished).toContain(`${topic} ${partition} ${before}`);
        }
        expect(sumOf(harness.consumer.counts())).toBe(harness.consumer.counts().read);
        await harness.consumer.stop();
      }),
      { numRuns: 40 },
    );
  });

  it("holds the committed offset behind a slow record while other keys go on", async () => {
    let release!: () => void;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const harness = await startConsumer(
      { subscriptions: [onPrice(async ({ key }) => (key === "slow" ? slow : undefined))] },
      1,
    );
    await harness.broker.send([eventRecord({ key: "slow" }), eventRecord({ key: "a" }), eventRecord({ key: "b" })]);
    await until(() => harness.consumer.counts().effect === 2);
    await sleep(20);
    expect(harness.broker.committed(group, { topic: pricing, partition: 0 })).toBeUndefined();
    release();
    await allCommitted(harness, 1);
    await harness.consumer.stop();
  });

  it("counts every record once: effect, duplicate, ignored, tombstone and dead add up to what was read", async () => {
    const harness = await startConsumer({
      subscriptions: [
        onPrice(async ({ key }) => {
          if (key === "poison") throw new Poison({ message: "never" });
        }),
      ],
    });
    const twice = eventRecord({ key: "a", sequence: 1, eventId: "twice" });
    await harness.broker.send([
      twice,
      twice,
      eventRecord({ key: "poison", sequence: 1 }),
      eventRecord({ type: "ProductCreated", key: "p" }),
      { ...eventRecord({ type: "ProductCreated", key: "p" }), topic: pricing },
      { topic: pricing, key: "a", value: null, headers: {} },
      { topic: pricing, key: "a", value: Buffer.from("no"), headers: {} },
    ]);
    await settled(harness, 6);
    const counts = harness.consumer.counts();
    expect(counts).toMatchObject({
      read: 6,
      effect: 1,
      duplicate: 1,
      ignored: 1,
      tombstone: 1,
      dead: 2,
      returned: 0,
      inHand: 0,
    });
    expect(sumOf(counts)).toBe(counts.read);
    await harness.consumer.stop();
  });

  it("works on a record that comes in the very moment when the last one of its key is finished", async () => {
    const { broker, consumer } = await startConsumer({ subscriptions: [onPrice(async () => {})] }, 1);
    // However many turns of the microtask queue one record takes, some of these numbers hit its end.
    for (let turns = 0; turns < 150; turns += 1) {
      await broker.send([eventRecord({ key: "a" })]);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await broker.send([eventRecord({ key: "a" })]);
      await until(() => consumer.counts().effect === 2 * (turns + 1));
    }
    await consumer.stop();
  });

  it("finds a repeated event without a sequence by its id", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
    await harness.broker.send([eventRecord({ eventId: "same" }), eventRecord({ eventId: "same" })]);
    await settled(harness, 2);
    expect(harness.consumer.counts()).toMatchObject({ effect: 1, duplicate: 1 });
    await harness.consumer.stop();
  });
});

describe("a failing handler", () => {
  it("is asked again, with later events of its key waiting and other keys going on (K10)", async () => {
    const order: string[] = [];
    let failures = 4;
    const harness = await startConsumer(
      {
        subscriptions: [
          onPrice(async ({ key, sequence, attempt }) => {
            if (key === "a" && sequence === 2 && failures > 0) {
              failures -= 1;
              expect(attempt).toBe(4 - failures);
              throw new Error("not yet");
            }
            order.push(`${key}${sequence}`);
          }),
        ],
      },
      1,
    );
    await harness.broker.send([1, 2, 3].map((sequence) => eventRecord({ key: "a", sequence })));
    await harness.broker.send([1, 2].map((sequence) => eventRecord({ key: "b", sequence })));
    await settled(harness, 5);
    expect(order.filter((name) => name.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
    expect(order.indexOf("b2")).toBeLessThan(order.indexOf("a2"));
    expect(harness.broker.recordsOf(dlq)).toHaveLength(0);
    await harness.consumer.stop();
  });

  it("gives up after its attempts: one dead letter with the record as it was, a gap, and the key goes on (K9)", async () => {
    let asked = 0;
    const harness = await startConsumer({
      attempts: 3,
      subscriptions: [
        onPrice(async ({ sequence }) => {
          if (sequence !== 1) return;
          asked += 1;
          throw new Error("broken: postgres://weft:secret@host/db");
        }),
      ],
    });
    const record = eventRecord({ key: "a", sequence: 1 });
    await harness.broker.send([{ ...record, timestampMs: 1234 }, eventRecord({ key: "a", sequence: 2 })]);
    await settled(harness, 2);
    expect(asked).toBe(3);
    const [letter, ...others] = harness.broker.recordsOf(dlq);
    expect(others).toEqual([]);
    expect(letter!.value!.equals(record.value!)).toBe(true);
    expect(letter!.key!.toString()).toBe("a");
    expect(letter!.timestampMs).toBe(1234);
    const headers = headersAsTexts(letter!.headers);
    expect(headers).toMatchObject({
      "event-sequence": "1",
      "correlation-id": "req-1",
      "dlq-reason": "attempts_exhausted",
      "dlq-topic": pricing,
      "dlq-offset": "0",
      "dlq-timestamp": "1234",
      "dlq-consumer": group,
      "dlq-attempts": "3",
    });
    expect(headers["dlq-error"]).toContain("broken");
    expect(headers["dlq-error"]).not.toContain("secret");
    expect(harness.inbox.gaps.get(`${pricing} a 1`)).toBe("dead");
    expect(harness.inbox.applied.map(({ sequence }) => sequence)).toEqual([2]);
    await allCommitted(harness);
    await harness.consumer.stop();
  });

  it.each(["22003", "22008", "23514"])(
    "is asked once where the database refuses the event's values with %s: a dead letter at once, and the key goes on",
    async (code) => {
      let asked = 0;
      const harness = await startConsumer({
        subscriptions: [
          onPrice(async ({ sequence }) => {
            if (sequence !== 1) return;
            asked += 1;
            throw Object.assign(new Error("out of range"), { code });
          }),
        ],
      });
      await harness.broker.send([1, 2].map((sequence) => eventRecord({ key: "a", sequence })));
      await settled(harness, 2);
      expect(asked).toBe(1);
      expect(harness.consumer.counts()).toMatchObject({ dead: 1, effect: 1 });
      expect(reasonsOf(harness)).toEqual(["rejected"]);
      await harness.consumer.stop();
    },
  );

  it("is asked again where another one inserted the same key at the same moment (23505), and finds it then", async () => {
    let asked = 0;
    const harness = await startConsumer({
      subscriptions: [
        onPrice(async () => {
          asked += 1;
          if (asked === 1) throw Object.assign(new Error("duplicate key"), { code: "23505" });
        }),
      ],
    });
    await harness.broker.send([eventRecord({ key: "a", sequence: 1 })]);
    await settled(harness, 1);
    expect([asked, harness.consumer.counts().effect, harness.consumer.counts().dead]).toEqual([2, 1, 0]);
    await harness.consumer.stop();
  });

  it("burns no attempt on an outage, and sends nothing to the dead letters for it (K8)", async () => {
    let asked = 0;
    const harness = await startConsumer({
      attempts: 2,
      subscriptions: [
        onPrice(async ({ attempt }) => {
          asked += 1;
          expect(attempt).toBe(1);
          if (asked <= 12)
            throw new DependencyFailed({ service: "customer-service", operation: "GET", cause: "connect" });
        }),
      ],
    });
    await harness.broker.send([eventRecord()]);
    await settled(harness, 1);
    expect(asked).toBe(13);
    expect(harness.consumer.counts()).toMatchObject({ effect: 1, dead: 0 });
    await harness.consumer.stop();
  });

  it("is no crash whatever it throws (E7)", async () => {
    const thrown = [new TypeError("t"), new RangeError("r"), new ReferenceError("f"), "text", undefined, null];
    const harness = await startConsumer({
      attempts: 1,
      subscriptions: [
        onPrice(async ({ key }) => {
          throw thrown[Number(key)];
        }),
      ],
    });
    await harness.broker.send(thrown.map((_, index) => eventRecord({ key: String(index) })));
    await settled(harness, thrown.length);
    expect(harness.consumer.counts().dead).toBe(thrown.length);
    await harness.consumer.stop();
  });

  it("is abandoned at its deadline and asked again (K7)", async () => {
    let asked = 0;
    const harness = await startConsumer({
      handlerTimeoutMs: 30,
      subscriptions: [
        onPrice(async () => {
          asked += 1;
          if (asked === 1) await new Promise(() => {});
        }),
      ],
    });
    await harness.broker.send([eventRecord()]);
    await settled(harness, 1);
    expect(asked).toBe(2);
    expect(harness.consumer.counts()).toMatchObject({ effect: 1, dead: 0 });
    await harness.consumer.stop();
  });

  it("holds the key of a strict subscription after a dead letter, and only that key", async () => {
    const harness = await startConsumer({
      subscriptions: [
        onPrice(
          async ({ key, sequence }) => {
            if (key === "a" && sequence === 1) throw new Poison({ message: "never" });
          },
          { order: "strict" },
        ),
      ],
    });
    await harness.broker.send([
      eventRecord({ key: "a", sequence: 1 }),
      eventRecord({ key: "a", sequence: 2 }),
      eventRecord({ key: "b", sequence: 1 }),
    ]);
    await until(() => harness.consumer.counts().dead === 1 && harness.consumer.counts().effect === 1);
    await sleep(30);
    expect(harness.consumer.counts().inHand).toBe(1);
    expect(harness.inbox.applied.map(({ aggregateId }) => aggregateId)).toEqual(["b"]);
    await harness.consumer.stop();
    expect(harness.consumer.counts().returned).toBe(1);
  });

  it("lets a held key go on when the inbox says that its dead letter was replayed or discarded", async () => {
    let isHeld = true;
    const broker = memoryBroker({ [pricing]: 1, [dlq]: 1 });
    const inbox = { ...memoryInbox(), isHeld: async () => isHeld };
    const consumer = eventConsumer(
      { broker, schemas: memorySchemas(), inbox, log: silentLogger },
      { group, retryBaseMs: 1, retryMaxMs: 5, subscriptions: [onPrice(async () => {}, { order: "strict" })] },
    );
    await consumer.start();
    await broker.send([eventRecord({ key: "a", sequence: 2 })]);
    await sleep(20);
    expect(consumer.counts()).toMatchObject({ effect: 0, inHand: 1 });
    expect(await consumer.health?.()).toMatchObject({ status: "healthy" });
    isHeld = false;
    await until(() => consumer.counts().effect === 1);
    await consumer.stop();
  });
});

describe("a record that is no event for this consumer", () => {
  const price = (change: (envelope: { [field: string]: unknown }) => void) =>
    eventRecord({ sequence: 1, change: (envelope) => change(envelope as unknown as Record<string, unknown>) });
  const bytes = (value: Buffer): OutgoingRecord => ({ topic: pricing, key: "a", value, headers: {} });
  const withId = (id: number) => {
    const record = eventRecord();
    record.value!.writeUInt32BE(id, 1);
    return record;
  };

  it.each<[string, OutgoingRecord, string]>([
    ["too few bytes", bytes(Buffer.from([0, 0])), "undecodable"],
    ["an empty value", bytes(Buffer.alloc(0)), "undecodable"],
    ["another magic byte", bytes(Buffer.from('{"a":1}')), "undecodable"],
    ["broken JSON", bytes(Buffer.from("\0\0\0\0\x01{")), "undecodable"],
    ["a schema id that the registry does not know", withId(9999), "unknown_schema"],
    ["the schema id of another event", withId(1), "schema_invalid"],
    [
      "data that the schema refuses",
      price((envelope) => {
        envelope.data = { productId: 1 };
      }),
      "schema_invalid",
    ],
    [
      "a major that nobody declares",
      price((envelope) => {
        envelope.version = "9.0";
      }),
      "unknown_version",
    ],
    ["a sequence that is no number", eventRecord({ headers: { "event-sequence": "two" } }), "schema_invalid"],
    ["a sequence under another key", { ...eventRecord({ key: "a", sequence: 1 }), key: "b" }, "schema_invalid"],
    [
      "a producer that may not",
      price((envelope) => {
        envelope.source = "someone";
      }),
      "untrusted_source",
    ],
    ["more bytes than an event may have", bytes(Buffer.alloc(maxEventBytes + 6)), "too_large"],
  ])("%s becomes a dead letter at once, without asking the handler (K14)", async (_, record, reason) => {
    const harness = await startConsumer({
      subscriptions: [
        onPrice(
          async () => {
            throw new Error("must not be asked");
          },
          { sources: ["pricing-service"] },
        ),
      ],
    });
    await harness.broker.send([record]);
    await settled(harness, 1);
    expect(reasonsOf(harness)).toEqual([reason]);
    expect(lastHeader(harness.broker.recordsOf(dlq)[0]!.headers, "dlq-attempts")).toBe("0");
    await allCommitted(harness);
    await harness.consumer.stop();
  });

  it.each<[string, string | undefined, object, "effect" | "dead"]>([
    ["its publisher, by the contract", undefined, {}, "effect"],
    ["a stranger", "evil", {}, "dead"],
    ["another service, which publishes other events", "review-service", {}, "dead"],
    ["the command line, where nobody allowed it", "weft-cli", {}, "dead"],
    ["the command line, where the consumer allows it", "weft-cli", { alsoFrom: ["weft-cli"] }, "effect"],
    ["a source that the subscription names itself", "another-team", { sources: ["another-team"] }, "effect"],
    ["its publisher, where the subscription names others", undefined, { sources: ["another-team"] }, "dead"],
    [
      "the command line, where the subscription names others",
      "weft-cli",
      { alsoFrom: ["weft-cli"], sources: ["a"] },
      "dead",
    ],
  ])("an event of %s has its effect or becomes a dead letter", async (_, source, options, outcome) => {
    const { sources, alsoFrom } = options as { sources?: string[]; alsoFrom?: string[] };
    const harness = await startConsumer({
      ...(alsoFrom && { alsoFrom }),
      subscriptions: [onPrice(async () => {}, { ...(sources && { sources }) })],
    });
    const change = (envelope: Envelope) => void (source && Object.assign(envelope, { source }));
    await harness.broker.send([eventRecord({ change })]);
    await settled(harness, 1);
    expect(harness.consumer.counts()[outcome]).toBe(1);
    expect(reasonsOf(harness)).toEqual(outcome === "dead" ? ["untrusted_source"] : []);
    await harness.consumer.stop();
  });

  it("does not move the aggregate's position when its producer may not: genuine events have their effect (X19)", async () => {
    const harness = await startConsumer({
      subscriptions: [onPrice(async () => {}, { sources: ["pricing-service"] })],
    });
    const forge = (envelope: Envelope) => Object.assign(envelope, { source: "someone" });
    await harness.broker.send([
      eventRecord({ key: "a", sequence: 1 }),
      eventRecord({ key: "a", sequence: 9_000_000, change: forge }),
      eventRecord({ key: "a", sequence: 2 }),
      eventRecord({ key: "a", sequence: 3 }),
    ]);
    await settled(harness, 4);
    expect(reasonsOf(harness)).toEqual(["untrusted_source"]);
    expect(harness.inbox.applied.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(harness.consumer.counts()).toMatchObject({ read: 4, effect: 3, dead: 1, duplicate: 0 });
    expect([...harness.inbox.gaps]).toEqual([]);
    await harness.consumer.stop();
  });

  it("is skipped and counted when its value is null, also without a key (K13)", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
    await harness.broker.send([
      { topic: pricing, key: "a", value: null, headers: {} },
      { topic: pricing, key: null, value: null, headers: {} },
      { ...eventRecord(), key: null },
    ]);
    await settled(harness, 3);
    expect(harness.consumer.counts()).toMatchObject({ tombstone: 2, effect: 1, dead: 0 });
    await harness.consumer.stop();
  });

  it("goes to the tombstone handler where there is one, once", async () => {
    const seen: (string | null)[] = [];
    const harness = await startConsumer({
      subscriptions: [onPrice(async () => {})],
      onTombstone: async ({ key }) => void seen.push(key),
    });
    await harness.broker.send([{ topic: pricing, key: "gone", value: null, headers: {} }]);
    await settled(harness, 1);
    expect(seen).toEqual(["gone"]);
    expect(harness.consumer.counts().tombstone).toBe(1);
    await harness.consumer.stop();
  });
});

describe("an outage around a consumer", () => {
  it("holds records of unknown schemas while the registry is away, and dead-letters none of them (S2)", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
    harness.schemas.away = new SchemaRegistryUnavailable({ operation: "schema 3" });
    await harness.broker.send([eventRecord()]);
    await until(() => harness.consumer.counts().read === 1);
    await sleep(30);
    expect(harness.consumer.counts()).toMatchObject({ inHand: 1, dead: 0, effect: 0 });
    delete harness.schemas.away;
    await settled(harness, 1);
    expect(harness.consumer.counts().effect).toBe(1);
    await harness.consumer.stop();
  });

  it("calls no error of the program an outage: it waits, logs the stack, and is unhealthy, not degraded", async () => {
    const lines: { level: string; fields: { err?: Error } }[] = [];
    const write = (level: string) => (fields: object) => void lines.push({ level, fields });
    const log = {
      ...silentLogger,
      error: write("error"),
      warn: write("warn"),
      child: () => log,
    } as typeof silentLogger;
    const broker = memoryBroker({ [pricing]: 1, [dlq]: 1 });
    const send = broker.send.bind(broker);
    broker.send = async (records) => {
      if (records.some(({ topic }) => topic === dlq)) throw new TypeError("undefined is not a function");
      await send(records);
    };
    const consumer = eventConsumer(
      { broker, schemas: memorySchemas(), inbox: memoryInbox(), log },
      { group, retryBaseMs: 1, retryMaxMs: 5, wedgedAfterMs: 20, subscriptions: [onPrice(async () => {})] },
    );
    await consumer.start();
    await send([{ topic: pricing, key: "a", value: Buffer.from("no"), headers: {} }]);
    let health = await consumer.health?.();
    for (let looks = 0; health?.status === "healthy" && looks < 400; looks += 1) {
      await sleep(5);
      health = await consumer.health?.();
    }
    expect(health?.status).toBe("unhealthy");
    expect(lines.find(({ level, fields }) => level === "error" && fields.err instanceof TypeError)).toBeDefined();
    await consumer.stop();
  });

  it("does not pass an offset whose dead letter cannot be written (K12)", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] }, 1);
    harness.broker.refuse(dlq, new RecordRefused({ topic: dlq, reason: "UNKNOWN_TOPIC", message: "gone" }));
    await harness.broker.send([{ topic: pricing, key: "a", value: Buffer.from("no"), headers: {} }, eventRecord()]);
    await until(() => harness.consumer.counts().effect === 1);
    await sleep(30);
    expect(harness.broker.commits).toEqual([]);
    expect(harness.consumer.counts().inHand).toBe(1);
    harness.broker.refuse(dlq);
    await allCommitted(harness, 1);
    expect(harness.broker.recordsOf(dlq)).toHaveLength(1);
    await harness.consumer.stop();
  });

  it("leaves the value out of a dead letter that is too large with it, and says so", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
    const send = harness.broker.send.bind(harness.broker);
    harness.broker.send = async (records) => {
      if (records.some(({ topic, value }) => topic === dlq && value !== null)) {
        throw new RecordRefused({ topic: dlq, reason: "MESSAGE_TOO_LARGE", message: "too large" });
      }
      await send(records);
    };
    await send([{ topic: pricing, key: "a", value: Buffer.from("not an event"), headers: {} }]);
    await settled(harness, 1);
    const [letter] = harness.broker.recordsOf(dlq);
    expect(letter!.value).toBeNull();
    expect(lastHeader(letter!.headers, "dlq-error")).toContain("12 bytes");
    await harness.consumer.stop();
  });

  it("writes a dead letter also for a record whose headers alone are too large for one", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] }, 1);
    const send = harness.broker.send.bind(harness.broker);
    harness.broker.send = async (records) => {
      if (records.some(({ topic, headers }) => topic === dlq && lastHeader(headers, "huge") !== undefined)) {
        throw new RecordRefused({ topic: dlq, reason: "MESSAGE_TOO_LARGE", message: "too large" });
      }
      await send(records);
    };
    const headers: [string, string][] = [["huge", "x"]];
    await send([{ topic: pricing, key: "a", value: Buffer.from("not an event"), headers }, eventRecord()]);
    await settled(harness, 2);
    const [letter] = harness.broker.recordsOf(dlq);
    expect([letter!.value, lastHeader(letter!.headers, "dlq-reason")]).toEqual([null, "undecodable"]);
    await allCommitted(harness, 1);
    await harness.consumer.stop();
  });

  it("reads no further than its bound while nothing is finished, and goes on afterwards", async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const harness = await startConsumer({ maxInHand: 40, subscriptions: [onPrice(() => gate)] }, 1);
    await harness.broker.send(Array.from({ length: 500 }, (_, index) => eventRecord({ key: `k${index % 7}` })));
    await until(() => harness.consumer.counts().read >= 40);
    await sleep(30);
    expect(harness.consumer.counts().read).toBeLessThanOrEqual(60);
    release();
    await settled(harness, 500);
    expect(harness.consumer.counts().effect).toBe(500);
    await harness.consumer.stop();
  });

  it("reads no further than its bound past one record that waits while others finish, and goes on afterwards", async () => {
    const gate = Promise.withResolvers<void>();
    const harness = await startConsumer(
      {
        maxUncommittable: 100,
        subscriptions: [onPrice(async ({ key }) => (key === "stuck" ? gate.promise : undefined))],
      },
      1,
    );
    const { broker, consumer } = harness;
    const others = Array.from({ length: 500 }, (_, index) => eventRecord({ key: `k${index % 7}` }));
    await broker.send([eventRecord({ key: "stuck" }), ...others]);
    // Everything that was read is finished but one: now only the bound stops it.
    await until(() => consumer.counts().read >= 100 && consumer.counts().inHand === 1);
    for (let turn = 0; turn < 100; turn += 1) await sleep(0);
    // The batch that reaches the bound is taken whole.
    expect(consumer.counts().read).toBeLessThan(120);
    gate.resolve();
    await settled(harness, 501);
    expect(consumer.counts().effect).toBe(501);
    await allCommitted(harness, 1);
    await consumer.stop();
  });

  it("is degraded, and names the key, while one record holds the committed offset and others finish", async () => {
    const gate = Promise.withResolvers<void>();
    const harness = await startConsumer(
      {
        wedgedAfterMs: 50,
        subscriptions: [onPrice(async ({ key }) => (key === "stuck" ? gate.promise : undefined))],
      },
      1,
    );
    const { broker, consumer } = harness;
    await broker.send([eventRecord({ key: "stuck" })]);
    let health = await consumer.health?.();
    const deadline = performance.now() + 20_000;
    while (health?.status !== "degraded" && performance.now() < deadline) {
      await broker.send([eventRecord({ key: "flowing" })]);
      await until(() => consumer.counts().inHand === 1);
      health = await consumer.health?.();
    }
    expect(health).toMatchObject({
      status: "degraded",
      message: expect.stringMatching(/pricing.events\/0 .* offset 0 \(key stuck\), not finished for \d+ ms/),
    });
    gate.resolve();
    await until(() => consumer.counts().inHand === 0);
    expect(await consumer.health?.()).toMatchObject({ status: "healthy" });
    await consumer.stop();
  });

  it("is wedged when there is work and nothing finishes without an outage as the reason, degraded during one", async () => {
    const hung = await startConsumer({
      wedgedAfterMs: 20,
      subscriptions: [onPrice(() => new Promise(() => {}))],
      revokeGraceMs: 10,
    });
    expect(await hung.consumer.health?.()).toMatchObject({ status: "healthy" });
    await hung.broker.send([eventRecord()]);
    await until(() => hung.consumer.counts().inHand === 1);
    await sleep(40);
    expect(await hung.consumer.health?.()).toMatchObject({ status: "unhealthy" });
    await hung.consumer.stop();
  });
});

describe("a consumer's membership", () => {
  it("is started before the group has assigned anything, and says that it joins", async () => {
    const broker = memoryBroker({ [pricing]: 1, [dlq]: 1 });
    const subscribe = broker.subscribe.bind(broker);
    let assign!: () => void;
    broker.subscribe = (options, sink) =>
      subscribe(options, {
        ...sink,
        onAssigned(epoch, partitions) {
          assign = () => sink.onAssigned(epoch, partitions);
        },
      });
    const consumer = eventConsumer(
      { broker, schemas: memorySchemas(), inbox: noInbox, log: silentLogger },
      { group, subscriptions: [on("PriceChanged", { reads: [], handle: async () => {} })] },
    );
    await consumer.start();
    expect(await consumer.health?.()).toMatchObject({ status: "healthy", details: { state: "joining" } });
    assign();
    expect(await consumer.health?.()).toMatchObject({ status: "healthy", details: { state: "consuming" } });
    await consumer.stop();
  });

  it("is degraded for as long as the cluster is silent", async () => {
    const harness = await startConsumer({ subscriptions: [onPrice(async () => {})] });
    harness.broker.silentMs = 21_000;
    expect(await harness.consumer.health?.()).toMatchObject({
      status: "degraded",
      message: expect.stringContaining("21000 ms"),
    });
    harness.broker.silentMs = 0;
    expect(await harness.consumer.health?.()).toMatchObject({ status: "healthy" });
    await harness.consumer.stop();
  });
});

describe("a partition that goes away", () => {
  it("takes with it what was finished, and hands back the rest", async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isFirst = true;
    let hasBegun = false;
    const harness = await startConsumer(
      {
        subscriptions: [
          onPrice(async () => {
            hasBegun = true;
            if (isFirst) await gate;
            isFirst = false;
          }),
        ],
      },
      1,
    );
    await harness.broker.send([1, 2, 3].map((sequence) => eventRecord({ key: "a", sequence })));
    await until(() => harness.consumer.counts().read === 3 && hasBegun);
    const rebalanced = harness.broker.rebalance();
    await sleep(10);
    release();
    await rebalanced;
    await until(() => harness.consumer.counts().effect === 3);
    expect(harness.broker.commits[0]).toMatchObject({ offset: 1n, epoch: 1 });
    expect(harness.consumer.counts()).toMatchObject({ effect: 3, returned: 2, read: 5 });
    expect(harness.inbox.applied.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    await harness.consumer.stop();
  });

  it("is left at once by a handler's pause, and after a bounded time by one that hangs", async () => {
    const harness = await startConsumer({
      retryBaseMs: 60_000,
      retryMaxMs: 60_000,
      revokeGraceMs: 30,
      subscriptions: [
        onPrice(async ({ key }) => {
          if (key === "hangs") await new Promise(() => {});
          throw new Error("not yet");
        }),
      ],
    });
    await harness.broker.send([eventRecord({ key: "hangs" }), eventRecord({ key: "fails" })]);
    await until(() => harness.consumer.counts().inHand === 2);
    const startedAt = performance.now();
    await harness.consumer.stop();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(harness.broker.commits).toEqual([]);
  });
});

describe("a consumer's declaration", () => {
  const start = (topics: Record<string, number>, rest: object = {}) =>
    eventConsumer(
      { broker: memoryBroker(topics), schemas: memorySchemas(), inbox: noInbox, log: silentLogger },
      { group, subscriptions: [on("PriceChanged", { reads: [], handle: async () => {} })], ...rest },
    );

  it("is refused with everything that is wrong in it", () => {
    const wrong = [
      on("PriceChanged", { reads: [], handle: async () => {} }),
      on("PriceChanged", { reads: [], handle: async () => {} }),
      on("PriceChanged", { reads: [], majors: [7], handle: async () => {} }),
      on("Nothing" as "PriceChanged", { reads: [], handle: async () => {} }),
    ];
    expect(() => start({}, { subscriptions: wrong })).toThrow(/twice.*no major 7.*no event type Nothing/);
    try {
      start({}, { subscriptions: wrong });
    } catch (error) {
      expect(SubscriptionsInvalid.is(error)).toBe(true);
    }
    expect(() => start({}, { attempts: 0, lanes: 1.5 })).toThrow(/attempts .*; lanes/);
    expect(() => start({}, { group: "a b" })).toThrow(/group/);
  });

  it("fails its start with the command that creates a missing topic (K19)", async () => {
    const consumer = start({ [pricing]: 6 });
    const error = await consumer.start().then(
      () => undefined,
      (caught) => caught,
    );
    expect(TopicMissing.is(error)).toBe(true);
    expect(error.message).toContain(
      `--create --topic ${dlq} --partitions 1 --replication-factor 3 --config retention.ms=604800000 --config min.insync.replicas=2`,
    );
    await consumer.stop();
  });
});
