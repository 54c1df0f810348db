import { randomUUID } from "node:crypto";
import { type Logger, option, takeOptions } from "@weft/core";
import type { BlockingQueries } from "./blocking.ts";
import type { Catalog } from "./catalog.ts";
import { formatDuration, parseDurationMs } from "./duration.ts";
import type { KeyValueStore } from "./key-value.ts";
import { badRequest, Refusal } from "./refusal.ts";

export interface Session {
  id: string;
  name: string;
  node: string;
  /** What becomes of the keys that it holds when it ends. */
  behavior: "release" | "delete";
  /** As it was given; empty: it lives until it is destroyed or one of its checks is critical. */
  ttl: string;
  lockDelayMs: number;
  checks: string[];
  createIndex: number;
  modifyIndex: number;
}

export interface Sessions {
  index(): number;
  get(id: string): Session | undefined;
  list(): Session[];
  /** @throws Refusal */
  create(given: Record<string, unknown>): Session;
  renew(id: string): Session | undefined;
  destroy(id: string): void;
  /** Ends the sessions of which a check is critical, or gone. */
  lookAtChecks(): void;
  stop(): void;
}

export interface SessionsOptions {
  /** @defaultValue 10000, as Consul */
  minSessionTtlMs?: number;
}

const bounds = { maxTtlMs: 24 * 3_600_000, maxLockDelayMs: 60_000, sessions: 10_000, checks: 100 };
export const sessionsRules = { minSessionTtlMs: option.milliseconds(10_000) };
/** Of a session that does not say. */
const defaults = { lockDelayMs: 15_000, checks: ["serfHealth"] };

/**
 * Sessions, which hold locks on keys. Source: Consul, "Session internals" and its HTTP API, "Sessions".
 *
 *   *alive*  after its creation, and again for the whole TTL after each renewal
 *   *ended*  by its destruction, by a TTL that passed, or by a check that is critical or gone. Its keys are then released or
 *            deleted, and nobody may lock them for the lock delay, so that who lost the lock has time to notice
 *
 * A TTL passes after twice its length, as Consul allows itself, so that a late renewal still counts.
 */
export function sessions(
  {
    node,
    catalog,
    queries,
    keyValues,
    saveKeyValues,
    save,
    log,
  }: {
    node: string;
    catalog: Catalog;
    queries: BlockingQueries;
    keyValues: KeyValueStore;
    saveKeyValues: () => void;
    save: (sessions: Session[]) => void;
    log: Logger;
  },
  initial: Session[] = [],
  options: SessionsOptions = {},
): Sessions {
  const { minSessionTtlMs } = takeOptions("sessions of embedded Consul", sessionsRules, options);
  const alive = new Map(initial.map((session) => [session.id, session]));
  const timers = new Map<string, NodeJS.Timeout>();
  let index = catalog.index();
  /** What is on disk is older than what is here, because it could not be written. */
  let isBehind = false;
  for (const session of initial) keepAlive(session);

  function keepAlive({ id, ttl }: Session): void {
    clearTimeout(timers.get(id));
    if (ttl === "") return;
    const ttlMs = parseDurationMs(ttl) ?? bounds.maxTtlMs;
    timers.set(
      id,
      setTimeout(() => endUnasked(id), 2 * ttlMs),
    );
  }

  // Keys first, sessions second: a crash between them leaves a session that holds nothing and ends once more. The reverse order
  // leaves keys that a session holds which nobody can end.
  function writeDown(): void {
    isBehind = true;
    saveKeyValues();
    save([...alive.values()]);
    isBehind = false;
  }

  function end(id: string): void {
    const session = alive.get(id);
    if (session) {
      clearTimeout(timers.get(id));
      timers.delete(id);
      alive.delete(id);
      index = catalog.nextIndex();
      keyValues.unlock(id, session);
      queries.changed();
    }
    // Who asks again after a failure is not told that it is done before it is.
    if (session || isBehind) writeDown();
  }

  /** Nobody waits for the outcome; the next change writes it down again. */
  function endUnasked(id: string): void {
    try {
      end(id);
    } catch (err) {
      log.error(
        { err, session: id },
        "a session ended, which could not be written: after a crash it would be there again",
      );
    }
  }

  const isLost = (check: string) =>
    check !== "serfHealth" && (catalog.check(check)?.status ?? "critical") === "critical";

  return {
    index: () => index,
    get: (id) => alive.get(id),
    list: () => [...alive.values()],
    create(given) {
      if (alive.size >= bounds.sessions)
        throw new Refusal(500, `this embedded server holds at most ${bounds.sessions} sessions`);
      const wanted = readSession(given, { node, minSessionTtlMs });
      for (const check of wanted.checks) {
        if (check === "serfHealth") continue;
        if (!catalog.check(check)) throw new Refusal(500, `Missing check '${check}' registration`);
        if (isLost(check)) throw new Refusal(500, `Check '${check}' is in critical state`);
      }
      index = catalog.nextIndex();
      const session = { ...wanted, id: randomUUID(), createIndex: index, modifyIndex: index };
      alive.set(session.id, session);
      try {
        writeDown();
      } catch (error) {
        alive.delete(session.id);
        throw error;
      }
      keepAlive(session);
      queries.changed();
      return session;
    },
    renew(id) {
      const session = alive.get(id);
      if (session) keepAlive(session);
      return session;
    },
    destroy: end,
    lookAtChecks() {
      for (const { id, checks } of [...alive.values()]) if (checks.some(isLost)) endUnasked(id);
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

function readSession(
  given: Record<string, unknown>,
  { node, minSessionTtlMs }: { node: string; minSessionTtlMs: number },
): Omit<Session, "id" | "createIndex" | "modifyIndex"> {
  const { name = "", ttl = "", behavior = "release", lockdelay, node: where = node } = given;
  if (typeof name !== "string" || typeof ttl !== "string")
    throw badRequest("Request decode failed: Name and TTL are texts");
  if (where !== node) throw new Refusal(500, `Missing node registration`);
  if (behavior !== "release" && behavior !== "delete" && behavior !== "")
    throw new Refusal(500, `Invalid Behavior setting '${String(behavior).slice(0, 40)}'`);
  const ttlMs = ttl === "" ? undefined : parseDurationMs(ttl);
  const isTtl =
    ttl === "" || (ttlMs !== undefined && (ttlMs === 0 || (ttlMs >= minSessionTtlMs && ttlMs <= bounds.maxTtlMs)));
  if (!isTtl)
    throw new Refusal(
      500,
      `Invalid Session TTL '${ttl.slice(0, 40)}', must be between [${formatDuration(minSessionTtlMs)}=${formatDuration(bounds.maxTtlMs)}]`,
    );
  return {
    name,
    node,
    behavior: behavior === "delete" ? "delete" : "release",
    ttl: ttlMs === 0 ? "" : ttl,
    lockDelayMs: readLockDelay(lockdelay),
    checks: readChecks(given),
  };
}

/** A number below 1000 counts seconds, as old clients send it; others nanoseconds. */
function readLockDelay(value: unknown): number {
  if (value === undefined || value === null) return defaults.lockDelayMs;
  const ms = typeof value === "number" && value < 1000 ? value * 1000 : parseDurationMs(value);
  if (ms === undefined || ms < 0) throw badRequest("Request decode failed: LockDelay is no duration");
  return Math.min(ms, bounds.maxLockDelayMs);
}

/** Names of node checks, ids of service checks, and the older field that has both. */
function readChecks({ checks, nodechecks, servicechecks }: Record<string, unknown>): string[] {
  const names = (value: unknown) =>
    Array.isArray(value)
      ? value.map((one: unknown) => {
          const id = typeof one === "object" && one !== null ? (one as { ID?: unknown; id?: unknown }) : undefined;
          return String(id ? (id.ID ?? id.id) : one);
        })
      : undefined;
  const node = names(nodechecks) ?? names(checks) ?? defaults.checks;
  const all = [...node, ...(names(servicechecks) ?? [])];
  if (all.length > bounds.checks)
    throw badRequest(
      `Request decode failed: a session of this embedded server has at most ${bounds.checks} checks, not ${all.length}`,
    );
  return all;
}
