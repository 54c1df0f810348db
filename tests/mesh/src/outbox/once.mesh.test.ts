import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import {
  IdempotencyKeyReused,
  type IdempotencyKeys,
  type IdempotentRequest,
  NotFound,
  RequestInProgress,
  type StoredAnswer,
  silentLogger,
  WeftError,
} from "@weft/core";
import type { Delivery, Inbox } from "@weft/messaging";
import { type Database, idempotencyKeys, postgresInbox, type Transaction } from "@weft/outbox";
import { type PostgresServer, postgresServer } from "./fixtures.ts";
import { resequenceTests } from "./resequence.ts";

let server: PostgresServer;
let database: Database;

beforeAll(async () => {
  server = await postgresServer();
  ({ database } = await server.database());
  await database.query("CREATE TABLE effects (what text)");
});
beforeEach(async () => {
  await database.query(
    "TRUNCATE effects, weft.inbox, weft.inbox_positions, weft.inbox_gaps, weft.inbox_passed, weft.inbox_refused, weft.inbox_partitions, weft.inbox_rows, weft.idempotency_keys",
  );
});
afterAll(() => server.stop());

const effect = (what: string) => async (tx: Transaction) => {
  await tx.query("INSERT INTO effects VALUES ($1)", [what]);
};
const effects = async () =>
  (await database.query<{ what: string }>("SELECT what FROM effects ORDER BY what")).rows.map(({ what }) => what);

describe("inbox", () => {
  let inbox: Inbox<Transaction>;
  beforeEach(() => {
    inbox = postgresInbox({ database });
  });

  const delivery = (sequence: number | undefined, eventId = `event-${sequence}`): Delivery => ({
    consumer: "catalog-service",
    topic: "pricing.events",
    partition: 0,
    offset: 12n,
    eventId,
    eventType: "PriceChanged",
    aggregateId: "prod_1",
    sequence,
  });
  const once = (sequence: number | undefined, eventId?: string) => {
    const one = delivery(sequence, eventId);
    return inbox.once(one, effect(one.eventId));
  };

  it("applies an event once, also when it comes twice at the same moment", async () => {
    const outcomes = await Promise.all([once(1), once(1), once(1)]);
    expect(outcomes.sort()).toEqual(["applied", "duplicate", "duplicate"]);
    expect(await once(1)).toBe("duplicate");
    expect(await effects()).toEqual(["event-1"]);
    const { rows } = await database.query("SELECT consumer, event_id, event_sequence FROM weft.inbox_effects");
    expect(rows).toEqual([{ consumer: "catalog-service", event_id: "event-1", event_sequence: 1 }]);
  });

  it("leaves no note of an effect that failed", async () => {
    const failing = inbox.once(delivery(1), async (tx) => {
      await effect("half")(tx);
      throw new Error("handler");
    });
    await expect(failing).rejects.toThrow("handler");
    expect(await effects()).toEqual([]);
    expect(await once(1)).toBe("applied");
  });

  it("keeps open what was jumped over, and takes it once when it comes late", async () => {
    expect(await once(1)).toBe("applied");
    expect(await once(4)).toBe("applied");
    const { rows } = await database.query("SELECT event_sequence, reason FROM weft.inbox_gaps ORDER BY 1");
    expect(rows).toEqual([2, 3].map((n) => ({ event_sequence: n, reason: "skipped" })));
    expect(await Promise.all([once(3), once(3)])).toContain("duplicate");
    expect(await once(2)).toBe("applied");
    expect(await once(4)).toBe("duplicate");
    expect(await effects()).toEqual(["event-1", "event-2", "event-3", "event-4"]);
    expect((await database.query("SELECT FROM weft.inbox_gaps")).rowCount).toBe(0);
  });

  it("keeps the place of an event that is parked or dead, and not of one that was applied", async () => {
    await once(1);
    await inbox.keepGap(delivery(1), "dead");
    await inbox.keepGap(delivery(2), "parked");
    await inbox.keepGap(delivery(2), "dead");
    expect(await once(3)).toBe("applied");
    const { rows } = await database.query("SELECT event_sequence, reason, event_id FROM weft.inbox_gaps");
    expect(rows).toEqual([{ event_sequence: 2, reason: "dead", event_id: "event-2" }]);
    expect(await once(2)).toBe("applied");
    expect(await once(2)).toBe("duplicate");
  });

  it("holds an aggregate for a strict subscription behind what is dead or parked, until that is applied or discarded", async () => {
    const isHeld = (parts: Partial<Delivery>) => inbox.isHeld?.({ ...delivery(4), ...parts });
    await once(2); // 1 was jumped over, which holds nobody
    expect(await isHeld({})).toBe(false);
    await inbox.keepGap(delivery(3), "dead");
    expect(await isHeld({})).toBe(true);
    const others = [
      { sequence: 3 }, // the dead one itself: its replay must not wait for itself
      { sequence: undefined },
      { aggregateId: "prod_2" },
      { topic: "catalog.events" },
      { consumer: "promotion-service" },
    ];
    expect(await Promise.all(others.map(isHeld))).toEqual(others.map(() => false));
    await inbox.keepGap(delivery(3), "parked");
    expect(await isHeld({})).toBe(true);
    expect(await once(3)).toBe("applied");
    expect(await isHeld({})).toBe(false);
    await inbox.keepGap(delivery(5), "dead");
    await database.query("DELETE FROM weft.inbox_gaps WHERE event_sequence = 5");
    expect(await isHeld({ sequence: 6 })).toBe(false);
  });

  const at = { topic: "pricing.events", partition: 0 };
  const placed = (sequence: number, offset: number, parts: Partial<Delivery> = {}) => {
    const one = { ...delivery(sequence), offset: BigInt(offset), ...parts };
    return inbox.once(one, effect(one.eventId));
  };
  const troubles = async () =>
    (await inbox.troubles!("catalog-service")).map(({ trouble, events }) => [trouble, events]);

  it("refuses an event whose sequence another one has had, and takes it under a sequence that is free", async () => {
    for (const n of [1, 2, 3]) await once(n);
    expect(await once(2, "after-restore")).toBe("reused");
    expect(await once(2, "after-restore")).toBe("reused"); // its dead letter, replayed
    expect(await once(2)).toBe("duplicate");
    expect(await troubles()).toEqual([["reused", 1]]);
    expect(await once(4, "after-restore")).toBe("applied");
    expect(await once(4, "after-restore")).toBe("duplicate");
    expect(await troubles()).toEqual([]);
    expect(await effects()).toEqual(["after-restore", "event-1", "event-2", "event-3"]);
  });

  it("keeps the place of a dead event for that event, and not for another with its sequence", async () => {
    await once(1);
    await inbox.keepGap(delivery(2), "dead");
    expect(await once(2, "after-restore")).toBe("reused");
    expect(await once(2)).toBe("applied");
  });

  it("takes an event that is older than its memory for a duplicate, never for a reused sequence", async () => {
    await once(1);
    await database.query("DELETE FROM weft.inbox");
    const days = (count: number) => Date.now() - count * 86_400_000;
    expect(await placed(1, 12, { timestampMs: days(30) })).toBe("duplicate");
    expect(await placed(1, 12, { timestampMs: days(28) })).toBe("reused");
  });

  it("refuses a jump where the group has read all that lies between, and goes on with the event that is next", async () => {
    await inbox.reading!.begin("catalog-service", { ...at, offset: 0n });
    expect(await placed(1, 0)).toBe("applied");
    expect(await placed(1000, 1, { eventId: "foreign" })).toBe("jumped");
    expect(await placed(2, 2)).toBe("applied");
    expect(await placed(1000, 1, { eventId: "foreign" })).toBe("jumped"); // read again
    expect(await placed(7, 3, { aggregateId: "prod_2" })).toBe("jumped"); // the first one of its aggregate has sequence 1
    expect(await placed(1, 4, { aggregateId: "prod_2", eventId: "first" })).toBe("applied");
    expect(await troubles()).toEqual([["jumped", 2]]);
    expect(await effects()).toEqual(["event-1", "event-2", "first"]);
  });

  it.each([
    ["that this group has not read before", 40, {}],
    ["of which the group passed records over", 40, {}],
    ["that is another one than before", 3, { partition: 1 }],
    ["of a topic that was made anew", 0, {}],
  ] as const)("takes a jump in a partition %s, and keeps open what lies between", async (where, offset, parts) => {
    const isFirst = where.includes("not read before");
    await inbox.reading!.begin("catalog-service", { ...at, offset: isFirst ? 40n : 0n });
    if (!isFirst) {
      await placed(1, 1, { timestampMs: Date.now() });
      await inbox.reading!.done("catalog-service", [{ ...at, offset: 2n }]);
      if (where.includes("passed")) await inbox.reading!.begin("catalog-service", { ...at, offset: 40n });
    }
    expect(await placed(4, offset, parts)).toBe("applied");
    expect(await placed(3, offset + 1, parts)).toBe("applied");
    expect(await placed(3, offset + 1, parts)).toBe("duplicate");
    const gaps = await database.query("SELECT event_sequence FROM weft.inbox_gaps");
    expect(gaps.rows).toEqual(isFirst ? [] : [{ event_sequence: 2 }]);
  });

  it("counts an event that the consumer does not take: what follows is no jump, and it may be taken later", async () => {
    await inbox.reading!.begin("catalog-service", { ...at, offset: 0n });
    const unknown = Array.from({ length: 40 }, (_, n) => ({
      ...delivery(1),
      aggregateId: `prod_${n % 20}`,
      sequence: n < 20 ? 1 : 2,
      eventId: `other-${n}`,
      offset: BigInt(n),
    }));
    await Promise.all(unknown.map((one) => inbox.pass!(one)));
    expect(await placed(3, 50, { aggregateId: "prod_7" })).toBe("applied");
    expect(await placed(1, 60, { aggregateId: "prod_7", eventId: "other-7" })).toBe("applied");
    expect(await placed(1, 60, { aggregateId: "prod_7", eventId: "other-7" })).toBe("duplicate");
    expect((await database.query("SELECT FROM weft.inbox_passed")).rowCount).toBe(39);
    expect(await troubles()).toEqual([]);
  });

  it("keeps a place that is only claimed where it is the next one, for any event", async () => {
    await inbox.reading!.begin("catalog-service", { ...at, offset: 0n });
    await inbox.keepGap({ ...delivery(1, "claimed"), offset: 0n }, "skipped");
    await inbox.keepGap({ ...delivery(900, "claimed"), offset: 1n }, "skipped");
    expect(await placed(2, 2)).toBe("applied");
    expect(await placed(1, 3)).toBe("applied");
    expect(await troubles()).toEqual([]);
  });

  it("tells records that a group passed over, until they were read", async () => {
    const begin = (offset: bigint) => inbox.reading!.begin("catalog-service", { ...at, offset });
    await begin(0n);
    await inbox.reading!.done("catalog-service", [{ ...at, offset: 10n }]);
    expect(await inbox.reading!.next("catalog-service", at)).toBe(10n);
    await begin(8n); // after a crash: what was not committed comes again
    expect(await troubles()).toEqual([]);
    await inbox.reading!.done("catalog-service", [{ ...at, offset: 10n }]);
    await begin(25n);
    await begin(30n);
    expect(await troubles()).toEqual([["unread", 20]]);
    await begin(12n);
    expect(await troubles()).toEqual([["unread", 20]]);
    await begin(10n);
    expect(await troubles()).toEqual([]);
  });

  it("knows events without a sequence by their id alone", async () => {
    const outcomes = await Promise.all([once(undefined, "foreign"), once(undefined, "foreign")]);
    expect(outcomes.sort()).toEqual(["applied", "duplicate"]);
    expect(await effects()).toEqual(["foreign"]);
  });

  it("lets the handler's own queries join its transaction", async () => {
    await inbox
      .once(delivery(1), async () => {
        await database.query("INSERT INTO effects VALUES ('joined')");
        expect(await effects()).toEqual(["joined"]);
        throw new Error("no");
      })
      .catch(() => {});
    expect(await effects()).toEqual([]);
  });
});

resequenceTests(() => server);

describe("idempotency keys", () => {
  let keys: IdempotencyKeys;
  beforeEach(() => {
    keys = idempotencyKeys({ database, log: silentLogger });
  });

  const request = (key: string, parts: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
    subject: "cust_1",
    route: "POST /v1/promotions",
    key,
    fingerprint: "f",
    refusal: (error) =>
      error instanceof WeftError && error.kind === "not-found" ? { status: 404, body: error.toBody() } : undefined,
    ...parts,
  });
  const created = (what: string) => async (): Promise<StoredAnswer> => {
    await database.transaction(effect(what));
    return { status: 201, body: { what } };
  };

  it("gives the first answer again, without a second effect", async () => {
    expect(await keys.once(request("k"), created("a"))).toEqual({
      answer: { status: 201, body: { what: "a" } },
      replayed: false,
    });
    expect(await keys.once(request("k"), created("b"))).toEqual({
      answer: { status: 201, body: { what: "a" } },
      replayed: true,
    });
    expect(await effects()).toEqual(["a"]);
  });

  it("refuses another body under the key, and takes the same key of another subject or route as another one", async () => {
    await keys.once(request("k"), created("a"));
    await expect(keys.once(request("k", { fingerprint: "g" }), created("b"))).rejects.toBeInstanceOf(
      IdempotencyKeyReused,
    );
    await keys.once(request("k", { subject: "cust_2" }), created("c"));
    await keys.once(request("k", { route: "PUT /v1/promotions" }), created("d"));
    expect(await effects()).toEqual(["a", "c", "d"]);
  });

  it("says that the request is in progress while the first still runs, and has one effect of many at once", async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((n) => keys.once(request("k"), created(`${n}`))));
    const refused = outcomes.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    for (const { reason } of refused) expect(reason).toBeInstanceOf(RequestInProgress);
    expect(refused.length).toBeLessThan(4);
    expect(await effects()).toHaveLength(1);
  });

  it("unwinds the second request whatever its handler makes of the error", async () => {
    const begun = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    const first = keys.once(request("k"), async () => {
      const answer = await created("a")();
      begun.resolve();
      await finished.promise;
      return answer;
    });
    await begun.promise;
    const second = keys.once(request("k"), () => created("b")().catch(() => ({ status: 200, body: "swallowed" })));
    await expect(second).rejects.toBeInstanceOf(RequestInProgress);
    finished.resolve();
    expect((await first).replayed).toBe(false);
    expect(await effects()).toEqual(["a"]);
  });

  it("commits the effect with the answer: neither is there when the work fails after its transaction", async () => {
    const failing = keys.once(request("k"), async () => {
      await created("a")();
      throw new Error("crash");
    });
    await expect(failing).rejects.toThrow("crash");
    expect(await effects()).toEqual([]);
    expect((await keys.once(request("k"), created("a"))).replayed).toBe(false);
  });

  it("stores a refusal that would be the same again, after what it had done was rolled back", async () => {
    const refused = () =>
      keys.once(request("k"), async () => {
        await created("half")();
        throw new NotFound({ what: "customer" });
      });
    expect(await refused()).toMatchObject({ answer: { status: 404 }, replayed: false });
    expect(await keys.once(request("k"), created("b"))).toMatchObject({ answer: { status: 404 }, replayed: true });
    expect(await effects()).toEqual([]);
  });

  it("makes one commit of several transactions in a request, and undoes only the one that failed", async () => {
    const woken: string[] = [];
    const { answer } = await keys.once(request("k"), async () => {
      await database.transaction(async (tx) => {
        tx.afterCommit(() => woken.push("first"));
        await effect("first")(tx);
      });
      const failing = database.transaction(async (tx) => {
        tx.afterCommit(() => woken.push("second"));
        await effect("second")(tx);
        throw new Error("second");
      });
      await failing.catch(() => {});
      await database.transaction(effect("third"));
      expect(woken).toEqual([]);
      return { status: 200, body: await effects() };
    });
    expect(answer.body).toEqual(["first", "third"]);
    expect(woken).toEqual(["first"]);
    expect(await effects()).toEqual(["first", "third"]);
  });

  it("holds no connection before the first transaction, and stores the answer of work that has none", async () => {
    const answer = { status: 200, body: null };
    expect(await keys.once(request("k"), async () => answer)).toEqual({ answer, replayed: false });
    expect(await keys.once(request("k"), created("b"))).toEqual({ answer, replayed: true });
  });

  it("forgets an answer after its time", async () => {
    keys = idempotencyKeys({ database, log: silentLogger }, { ttlMs: 1 });
    await keys.once(request("k"), created("a"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await keys.once(request("k"), created("b"))).replayed).toBe(false);
    expect(await effects()).toEqual(["a", "b"]);
  });
});
