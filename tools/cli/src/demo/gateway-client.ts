import { randomUUID } from "node:crypto";
import { backoffMs } from "@weft/core";
import type { Ticker } from "./open-loop.ts";

/**
 * What came of a request. `ok` and `refused` (4xx) are answers; `failed` is everything else: nobody answered, or the mesh
 * answered with an error of its own. A write that failed may have happened.
 */
export interface Answer {
  outcome: "ok" | "refused" | "failed";
  /** `PROMOTION_NOT_ACTIVE`, …; where nobody answered, `timeout` or `connect`. Absent where it is ok. */
  code?: string;
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what is answered
  data: any;
  /** Services whose part of the answer is missing. */
  degraded: string[];
}

/** One call, with all its attempts. */
export interface CallReport {
  /** From the first attempt to the answer. */
  ms: number;
  outcome: Answer["outcome"];
  /** What the attempts before the last one were answered, and the last one where it was not ok. */
  codes: string[];
  attempts: number;
}

export interface GatewayClient {
  /** One attempt: whoever reads looks again, or goes away. */
  read(path: string, token?: string): Promise<Answer>;
  /** With an `Idempotency-Key`, and repeated with the same one until the outcome is known, or the time for it is over. */
  write(method: "POST" | "PUT" | "PATCH", path: string, body: unknown, token?: string): Promise<Answer>;
  /** Milliseconds since anything was answered last, or since the beginning. */
  silentMs(): number;
}

export interface GatewayClientParts {
  ticker: Ticker;
  /** @defaultValue nobody is told */
  onCall?: (report: CallReport) => void;
  /** Ends all waiting; what is under way fails. @defaultValue never */
  signal?: AbortSignal;
}

export interface GatewayClientOptions {
  /** The gateway, without `/api`. */
  url: string;
  /** In milliseconds. A creation of a product may take 30 s by contract. @defaultValue 12000 */
  attemptTimeoutMs?: number;
  /** How long a write is repeated, in milliseconds. @defaultValue 60000 */
  giveUpAfterMs?: number;
  /** Upper bound of a pause before a repetition, whatever `Retry-After` says, in milliseconds. @defaultValue 5000 */
  maxPauseMs?: number;
}

const defaults = { attemptTimeoutMs: 12_000, giveUpAfterMs: 60_000, maxPauseMs: 5_000 };

/** Answers after which a write may have happened. */
const isUnknown = (status: number, code: string) => status === 0 || status >= 500 || code === "REQUEST_IN_PROGRESS";
const isWorthRepeating = (status: number, code: string) => isUnknown(status, code) || status === 429 || status === 421;

/** Speaks with the mesh as a careful client from outside does. */
export function gatewayClient(parts: GatewayClientParts, options: GatewayClientOptions): GatewayClient {
  const { ticker, onCall = () => {}, signal = new AbortController().signal } = parts;
  const { url, attemptTimeoutMs, giveUpAfterMs, maxPauseMs } = { ...defaults, ...options };
  let answeredAt = ticker.nowMs();

  const attempt = async (path: string, init: RequestInit) => {
    try {
      const response = await fetch(`${url}/api${path}`, {
        ...init,
        signal: AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]),
      });
      const text = await response.text();
      answeredAt = ticker.nowMs();
      const parsed = text.startsWith("{") ? JSON.parse(text) : {};
      return {
        status: response.status,
        code: parsed.error?.code ?? `status_${response.status}`,
        retryAfterMs: Number(response.headers.get("retry-after") ?? 0) * 1000,
        data: parsed.data ?? {},
        degraded: parsed.meta?.degraded ?? [],
      };
    } catch (error) {
      const code = (error as Error).name === "TimeoutError" ? "timeout" : "connect";
      return { status: 0, code, retryAfterMs: 0, data: {}, degraded: [] };
    }
  };

  const call = async (path: string, init: RequestInit, repeatForMs: number): Promise<Answer> => {
    const begun = ticker.nowMs();
    const codes: string[] = [];
    for (let attempts = 1; ; attempts++) {
      const { status, code, retryAfterMs, data, degraded } = await attempt(path, init);
      const isOk = status >= 200 && status < 300;
      if (!isOk) codes.push(code);
      const pauseMs = Math.min(maxPauseMs, Math.max(backoffMs(attempts), retryAfterMs || 0));
      const isOver = signal.aborted || ticker.nowMs() + pauseMs - begun >= repeatForMs;
      if (isOk || isOver || !isWorthRepeating(status, code)) {
        const outcome = isOk ? "ok" : isUnknown(status, code) ? "failed" : "refused";
        onCall({ ms: ticker.nowMs() - begun, outcome, codes, attempts });
        return { outcome, ...(isOk ? {} : { code }), data, degraded };
      }
      await ticker.pause(pauseMs, signal);
    }
  };

  const headersOf = (token: string | undefined) => (token === undefined ? {} : { authorization: `Bearer ${token}` });
  return {
    read: (path, token) => call(path, { headers: headersOf(token) }, 0),
    write: (method, path, body, token) =>
      call(
        path,
        {
          method,
          headers: { ...headersOf(token), "content-type": "application/json", "idempotency-key": randomUUID() },
          body: JSON.stringify(body),
        },
        giveUpAfterMs,
      ),
    silentMs: () => ticker.nowMs() - answeredAt,
  };
}
