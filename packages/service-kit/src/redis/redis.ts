import { setImmediate as socketsRead } from "node:timers/promises";
import {
  type Component,
  classify,
  defineError,
  type Logger,
  option,
  reasonOf,
  type TlsOptions,
  takeOptions,
  tlsFailureOf,
  within,
} from "@weft/core";
import type { Redis } from "ioredis";

export interface RedisOptions {
  host: string;
  port: number;
  username?: string;
  password?: string;
  db?: number;
  /** `{}` is TLS with the authorities that Node brings. @defaultValue no TLS */
  tls?: TlsOptions;
  /** Bound of one command, in milliseconds. @defaultValue 20 */
  timeoutMs?: number;
  /** Commands on their way at once; more are not sent. @defaultValue 1000 */
  maxInFlight?: number;
}

/** The commands that are used, as `ioredis` has them. */
export type RedisCommands = Pick<Redis, "set" | "eval" | "multi">;

/**
 * A server that may be missed. Whoever asks has an answer of its own for when there is none: nothing waits longer than the
 * timeout, nothing fails, and while Redis is away nothing is even sent.
 */
export interface SharedMemory extends Component {
  /** @returns nothing where Redis did not answer in time, or at all */
  ask<T>(question: (redis: RedisCommands) => Promise<T>): Promise<{ answer: T } | undefined>;
}

const NoAnswer = defineError<{ timeoutMs: number }>({
  code: "REDIS_SILENT",
  kind: "timeout",
  retryable: true,
  message: ({ timeoutMs }) => `no answer within ${timeoutMs} ms`,
});

const rules = {
  host: option.text(),
  db: option.count(0, { from: 0 }),
  timeoutMs: option.milliseconds(20),
  maxInFlight: option.count(1000),
};
/** No answer to anything for so long is an outage, in milliseconds; shorter is a pause of somebody's garbage collector. */
const outageMs = 200;
/** How long nothing is sent after such an outage, and the longest pause between two connections, in milliseconds. */
const restMs = 250;
const maxReconnectMs = 1000;
/** Questions that fail by an error of the program come with every request: one of so many is logged. */
const toldBugs = 1000;
/** How long a start waits, so that the first requests are counted together, in milliseconds. */
const startMs = 500;

/*
 *   away     no connection, or no answer for `outageMs`: every question is answered with nothing, at once. ioredis connects
 *            anew for ever; on a silent connection one question is let through every `restMs`. → present, with an answer
 *   present  questions are sent. → away, when the connection ends or nothing was answered for `outageMs`
 * Each way is logged once. A question that fails by an error of the program says nothing about Redis.
 */
/** @throws OptionsInvalid */
export function redisMemory({ log }: { log: Logger }, options: RedisOptions): SharedMemory {
  const { timeoutMs, maxInFlight, tls, ...server } = takeOptions("redisMemory", rules, options);
  const where = `${options.host}:${options.port}`;
  let redis: Redis | undefined;
  let inFlight = 0;
  /** Since when questions fail, by `performance.now()`; nothing while they are answered. */
  let failingSince: number | undefined;
  let restsUntil = 0;
  let problem: string | undefined = "it was not reached yet";
  let isToldAway = false;
  let isStopped = false;
  let bugs = 0;

  function lost(reason: string): void {
    problem = reason;
    if (isToldAway || isStopped) return;
    isToldAway = true;
    log.warn({ redis: where, reason }, "Redis is away; this process goes on with its own memory");
  }

  function present(): void {
    failingSince = undefined;
    problem = undefined;
    if (!isToldAway) return;
    isToldAway = false;
    log.info({ redis: where }, "Redis answers again");
  }

  async function connect(): Promise<void> {
    const { Redis } = await import("ioredis");
    redis = new Redis({
      ...server,
      ...(tls ? { tls: { ...tls } } : {}),
      lazyConnect: true,
      connectTimeout: 1000,
      keepAlive: 10_000,
      // A connection that swallows what is sent is given up, and what waits on it with it.
      socketTimeout: 1000,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(maxReconnectMs, 50 * 2 ** Math.min(attempt, 5)) * (0.5 + Math.random() / 2),
    });
    redis.on("error", (error: Error) => lost(reasonFor(error)));
    redis.on("close", () => lost(problem ?? "the connection ended"));
    redis.on("ready", present);
    await redis.connect();
  }

  function reasonFor(error: Error): string {
    if (/^(WRONGPASS|NOAUTH)|without any password/.test(error.message)) {
      return `it refuses ${server.username ? `user ${JSON.stringify(server.username)}` : "this password"}: check data.redis.password`;
    }
    const why = tlsFailureOf(error);
    return why ? `TLS failed: ${why} (data.redis.tls)` : reasonOf(error);
  }

  return {
    name: "redis",

    async start() {
      isStopped = false;
      // Nothing waits for it: it is only ever missed.
      await within(startMs, connect(), () => lost(problem ?? "it did not answer at the start")).catch((error) => {
        if (classify(error) === "bug") throw error;
        // The listeners above were told why.
      });
    },

    async stop() {
      isStopped = true;
      redis?.disconnect();
      redis = undefined;
    },

    async ask(question) {
      if (redis?.status !== "ready" || inFlight >= maxInFlight) return undefined;
      const now = performance.now();
      if (failingSince !== undefined && now - failingSince > outageMs) {
        if (now < restsUntil) return undefined;
        restsUntil = now + restMs;
      }
      inFlight += 1;
      // Late answers still occupy the connection: what is on the way is counted until it really ended.
      const connected = redis;
      const work = (async () => question(connected))().finally(() => {
        inFlight -= 1;
      });
      try {
        const answer = await answered(work, timeoutMs);
        present();
        return { answer };
      } catch (error) {
        if (classify(error) === "bug") {
          bugs += 1;
          if (bugs % toldBugs === 1)
            log.error({ err: error, bugs }, "what was asked of Redis fails, and Redis is not why");
          return undefined;
        }
        failingSince ??= now;
        if (performance.now() - failingSince > outageMs)
          lost(NoAnswer.is(error) ? error.message : reasonFor(error as Error));
        return undefined;
      }
    },

    health: () =>
      problem === undefined ? { status: "healthy" } : { status: "degraded", message: `Redis is away: ${problem}` },
  };
}

/**
 * Timers come before sockets in a turn of the event loop: after a pause of this process the answer may be there and not read.
 * So a timeout looks at the sockets once more before it counts.
 */
async function answered<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return await within(timeoutMs, work, async (): Promise<never> => {
    await socketsRead();
    throw new NoAnswer({ timeoutMs });
  });
}
