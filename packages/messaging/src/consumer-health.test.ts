import { describe, expect, it } from "@jest/globals";
import type { Rebuilds, StalledPartition } from "./broker.ts";
import { type ConsumerState, consumerHealth } from "./consumer-health.ts";

const quiet: Rebuilds = { count: 0, withinMs: 300_000 };
const subscription = (silentMs = 0, stalled: StalledPartition[] = [], rebuilds = quiet) => ({
  sessionTimeoutMs: 10_000,
  idleMs: () => silentMs,
  stalled: () => stalled,
  rebuilds: () => rebuilds,
});
const of = (state: Partial<ConsumerState>) =>
  consumerHealth({
    counts: { inHand: 0, dead: 0, read: 0 },
    progressAgeMs: 0,
    wedgedAfterMs: 60_000,
    oldest: undefined,
    waitingFor: undefined,
    subscription: subscription(),
    joiningMs: undefined,
    troubles: [],
    ...state,
  });

describe("the health of a consumer", () => {
  it("is healthy while it consumes, and while it joins", () => {
    expect(of({})).toMatchObject({ status: "healthy", details: { state: "consuming" } });
    expect(of({ joiningMs: 9000 })).toMatchObject({ status: "healthy", details: { state: "joining" } });
    expect(of({ subscription: undefined }).status).toBe("healthy");
  });

  it("is degraded, with the age, when the cluster has been silent for two sessions, however it goes on joining", () => {
    expect(of({ subscription: subscription(19_999) }).status).toBe("healthy");
    const expected = { status: "degraded", message: "no answer from the cluster for 20001 ms" };
    expect(of({ subscription: subscription(20_001) })).toMatchObject(expected);
    expect(of({ subscription: subscription(20_001), joiningMs: 1 })).toMatchObject(expected);
    expect(of({ subscription: subscription(3_600_000), joiningMs: 3_600_000 }).status).toBe("degraded");
  });

  it("is degraded, never unhealthy, when the group assigns nothing for long", () => {
    expect(of({ joiningMs: 3_600_000 })).toMatchObject({
      status: "degraded",
      message: expect.stringContaining("assigned no partitions"),
    });
  });

  it("is degraded while a committed offset is gone", () => {
    const reason = "its committed offset is no longer in the topic";
    const gone = of({ subscription: subscription(0, [{ topic: "pricing.events", partition: 3, reason }]) });
    expect(gone).toMatchObject({ status: "degraded", message: `pricing.events/3 is not read: ${reason}` });
  });

  it("is degraded while a client is built anew again and again, however small the lag, and says why", () => {
    const rebuilt = (count: number) => of({ subscription: subscription(0, [], { ...quiet, count, reason: "zstd" }) });
    expect(rebuilt(4).status).toBe("healthy");
    expect(rebuilt(5)).toMatchObject({
      status: "degraded",
      message: "its Kafka client ended and was built anew 5 times in 300 s, the last time: zstd",
    });
  });

  it("is degraded, never unhealthy, while a record holds the committed offset of its partition and others finish", () => {
    const oldest = { topic: "pricing.events", partition: 3, offset: 7n, key: "prod_1", ageMs: 60_001 };
    expect(of({ oldest })).toMatchObject({
      status: "degraded",
      message: "pricing.events/3 commits nothing past offset 7 (key prod_1), not finished for 60001 ms",
    });
    expect(of({ oldest: { ...oldest, key: null } }).message).toContain("(no key)");
    expect(of({ oldest: { ...oldest, ageMs: 60_000 } }).status).toBe("healthy");
  });

  it("is unhealthy when work in hand does not move, unless it waits for a dependency", () => {
    expect(of({ progressAgeMs: 60_001 })).toMatchObject({
      status: "unhealthy",
      message: expect.stringMatching(/60001/),
    });
    // A silent cluster is no excuse for a handler that hangs.
    expect(of({ progressAgeMs: 60_001, subscription: subscription(30_000) }).status).toBe("unhealthy");
    const waiting = of({ progressAgeMs: 3_600_000, waitingFor: "the database is away" });
    expect(waiting).toMatchObject({ status: "degraded", message: "waiting: the database is away" });
    expect(of({ progressAgeMs: 500, waitingFor: "the database is away" }).status).toBe("healthy");
  });

  it("is degraded while events have a sequence that another one has had, and names one of them", () => {
    const troubles = [
      { trouble: "reused" as const, topic: "pricing.events", events: 2, example: "prod_1" },
      { trouble: "reused" as const, topic: "catalog.events", events: 1, example: "prod_2" },
    ];
    expect(of({ troubles })).toMatchObject({
      status: "degraded",
      message: expect.stringMatching(/^3 events have a sequence that another one has had \(pricing.events, prod_1\)/),
      details: { reused: 3 },
    });
  });

  it("is degraded while records were passed over, and says of which topics", () => {
    const troubles = [{ trouble: "unread" as const, topic: "pricing.events", events: 12 }];
    expect(of({ troubles })).toMatchObject({
      status: "degraded",
      message: "12 records of pricing.events were passed over",
      details: { unread: 12 },
    });
  });

  it("stays healthy with gaps and with a refused jump, and counts them", () => {
    const troubles = [
      { trouble: "skipped" as const, topic: "pricing.events", events: 998 },
      { trouble: "jumped" as const, topic: "pricing.events", events: 1 },
    ];
    expect(of({ troubles })).toMatchObject({ status: "healthy", details: { skipped: 998, jumped: 1 } });
  });
});
