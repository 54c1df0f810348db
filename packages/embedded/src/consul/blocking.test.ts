import { describe, expect, it, jest } from "@jest/globals";
import { blockingQueries, boundedWaitMs } from "./blocking.ts";
import { catalog } from "./catalog.ts";
import { readService } from "./definitions.ts";

const never = new AbortController().signal;
const waitMs = 60_000;

/** Whether a promise has settled by the time that everything ready has run. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol("open");
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, open))])) !== open;
}

describe("blocking queries", () => {
  it("do not wait where the caller has seen nothing, or an older index", async () => {
    const queries = blockingQueries();
    await queries.wait(() => 5, { seen: 0, waitMs, signal: never });
    await queries.wait(() => 5, { seen: 4, waitMs, signal: never });
  });

  it("wait for an index that has passed, not for any change", async () => {
    const queries = blockingQueries();
    let index = 5;
    const waiting = queries.wait(() => index, { seen: 5, waitMs, signal: never });
    queries.changed();
    expect(await hasSettled(waiting)).toBe(false);
    index = 6;
    queries.changed();
    await waiting;
  });

  it("end when the time is up, or the caller goes", async () => {
    const queries = blockingQueries();
    await queries.wait(() => 5, { seen: 5, waitMs: 5, signal: never });
    const caller = new AbortController();
    const waiting = queries.wait(() => 5, { seen: 5, waitMs, signal: caller.signal });
    caller.abort();
    await waiting;
  });

  it("let the oldest go when too many wait", async () => {
    const queries = blockingQueries({ maxWaiting: 1 });
    const caller = new AbortController();
    const first = queries.wait(() => 5, { seen: 5, waitMs, signal: caller.signal });
    const second = queries.wait(() => 5, { seen: 5, waitMs, signal: caller.signal });
    await first;
    expect(await hasSettled(second)).toBe(false);
    caller.abort();
  });

  it("wait five minutes by default and ten at most, and a little longer so that callers spread", () => {
    expect([boundedWaitMs(0, () => 0), boundedWaitMs(3_600_000, () => 0), boundedWaitMs(16_000, () => 1)]).toEqual([
      300_000, 600_000, 17_000,
    ]);
  });
});

describe("catalog indexes", () => {
  const service = (name: string, id = name) => readService({ name, id }).service;
  const make = () => catalog({ queries: { wait: async () => {}, changed: jest.fn() } });

  it("give a service the index of its own last change", () => {
    const services = make();
    services.putService(service("a"));
    const before = services.serviceIndex("a");
    services.putService(service("b"));
    expect(services.serviceIndex("a")).toBe(before);
    services.putService(service("a", "a2"));
    expect(services.serviceIndex("a")).toBeGreaterThan(before);
  });

  it("grow for a service when it comes, when an instance goes, and when the last one goes", () => {
    const services = make();
    const seen = [services.serviceIndex("a")];
    const look = () => seen.push(services.serviceIndex("a"));
    services.putService(service("a", "a1"));
    look();
    services.putService(service("a", "a2"));
    look();
    services.removeService("a1");
    look();
    services.removeService("a2");
    look();
    expect(seen).toEqual([...new Set(seen)].sort((x, y) => x - y));
  });

  it("move with a check's status and not with its output", () => {
    const services = make();
    const { service: a, checks } = readService({ name: "a", check: { ttl: "10s" } });
    services.putService(a);
    for (const check of checks) services.putCheck(check, "a", { status: "critical", output: "" });
    const before = services.serviceIndex("a");
    services.report("service:a", "critical", "still", 0);
    expect([services.serviceIndex("a"), services.check("service:a")?.output]).toEqual([before, "still"]);
    services.report("service:a", "passing", "fine", 0);
    expect(services.serviceIndex("a")).toBeGreaterThan(before);
  });

  it("go on from where they were after a restart", () => {
    const services = make();
    services.putService(service("a"));
    const after = catalog({ queries: { wait: async () => {}, changed() {} } }, services.snapshot());
    expect(after.serviceIndex("a")).toBeGreaterThan(services.serviceIndex("a"));
    expect(after.service("a")?.name).toBe("a");
  });

  it("follow a service that takes another name", () => {
    const services = make();
    services.putService(service("old", "x"));
    const before = services.serviceIndex("old");
    services.putService(service("new", "x"));
    expect(services.servicesNamed("old")).toEqual([]);
    expect(services.serviceIndex("old")).toBeGreaterThan(before);
  });
});
