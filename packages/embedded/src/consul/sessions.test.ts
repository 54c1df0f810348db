import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { blockingQueries } from "./blocking.ts";
import { catalog } from "./catalog.ts";
import { keyValueStore } from "./key-value.ts";
import { type Session, type Sessions, sessions } from "./sessions.ts";

describe("sessions of the embedded Consul", () => {
  const queries = blockingQueries({ maxWaiting: 10 });
  let keyValues: ReturnType<typeof keyValueStore>;
  let held: Sessions;
  let written: { keys: string[]; sessions: string[] };
  let isFull: boolean;

  function open(initial: Session[] = []) {
    const services = catalog({ queries });
    const { nextIndex, returnIndex } = services;
    keyValues = keyValueStore({ queries, nextIndex, returnIndex, firstIndex: services.index() });
    written = { keys: [], sessions: [] };
    isFull = false;
    held = sessions(
      {
        node: "weft",
        catalog: services,
        queries,
        keyValues,
        saveKeyValues() {
          written.keys = keyValues.snapshot().map(({ session }) => session ?? "free");
        },
        save(alive) {
          if (isFull) throw new Error("no space left");
          written.sessions = alive.map(({ id }) => id);
        },
        log: silentLogger,
      },
      initial,
      { minSessionTtlMs: 1 },
    );
  }
  function locked(given: Record<string, unknown> = {}): string {
    const { id } = held.create({ lockdelay: 0, ...given });
    keyValues.put("lock", Buffer.from("x"), { flags: 0, acquire: id });
    return id;
  }

  beforeEach(() => open());
  afterEach(() => held.stop());

  it("writes the keys of a session that ends before the session, so that a crash leaves no key locked for ever", () => {
    const id = locked();
    isFull = true;
    expect(() => held.destroy(id)).toThrow("no space left");
    expect(written).toEqual({ keys: ["free"], sessions: [id] });
  });

  it("says that a session is ended only when that is written, however often it is asked", () => {
    const id = locked();
    isFull = true;
    expect(() => held.destroy(id)).toThrow("no space left");
    expect(() => held.destroy(id)).toThrow("no space left");
    isFull = false;
    held.destroy(id);
    expect(written.sessions).toEqual([]);
  });

  it("makes none that cannot be written", () => {
    isFull = true;
    expect(() => held.create({})).toThrow("no space left");
    expect(held.list()).toEqual([]);
  });

  it("ends one whose time is up also where that cannot be written, and goes on", async () => {
    const id = locked({ ttl: "5ms" });
    isFull = true;
    const ended = queries.wait(() => (held.get(id) ? 0 : 2), {
      seen: 1,
      waitMs: 5_000,
      signal: AbortSignal.timeout(5_000),
    });
    await ended;
    expect([held.get(id), keyValues.get("lock")?.session]).toEqual([undefined, undefined]);
  });

  it("refuses one with more checks than it looks at, and leaves none of them out", () => {
    const checks = (count: number) => ({ checks: Array.from({ length: count }, () => "serfHealth") });
    expect(held.create(checks(100)).checks).toHaveLength(100);
    const refused = expect.objectContaining({ status: 400, message: expect.stringContaining("at most 100 checks") });
    const refusal = (given: Record<string, unknown>) => {
      try {
        return held.create(given);
      } catch (error) {
        return error;
      }
    };
    expect(refusal(checks(101))).toEqual(refused);
    expect(refusal({ ...checks(100), servicechecks: [{ ID: "another" }] })).toEqual(refused);
  });

  it("gives one that was there before a restart its whole time again", () => {
    const id = locked({ ttl: "30s" });
    const [before] = held.list();
    held.stop();
    open(before ? [before] : []);
    expect(held.renew(id)?.ttl).toBe("30s");
  });
});
