import { randomUUID } from "node:crypto";
import { option, retry, type Ticker, takeOptions } from "@weft/core";

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

const rules = {
  attemptTimeoutMs: option.milliseconds(12_000),
  giveUpAfterMs: option.milliseconds(60_000, { from: 0 }),
  maxPauseMs: option.milliseconds(5_000),
};

interface Reply {
  /** 0 where nobody answered. */
  status: number;
  code: string;
  retryAfterMs: number;
  data: unknown;
  degraded: string[];
}

const unanswered = (code: string): Reply => ({ status: 0, code, retryAfterMs: 0, data: {}, degraded: [] });
const isOk = ({ status }: Reply) => status >= 200 && status < 300;
/** Replies after which a write may have happened. */
const isUnknown = ({ status, code }: Reply) => status === 0 || status >= 500 || code === "REQUEST_IN_PROGRESS";
const isWorthRepeating = (reply: Reply) => isUnknown(reply) || reply.status === 429 || reply.status === 421;

/** A reply after which the same write is sent again. */
class WorthRepeating extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super(reply.code);
    this.reply = reply;
  }
}

/** Speaks with the mesh as a careful client from outside does. */
export function gatewayClient(parts: GatewayClientParts, options: GatewayClientOptions): GatewayClient {
  const { ticker, onCall = () => {}, signal = new AbortController().signal } = parts;
  const { url, attemptTimeoutMs, giveUpAfterMs, maxPauseMs } = takeOptions(
    "options of the gateway client",
    rules,
    options,
  );
  let answeredAt = ticker.nowMs();

  const attempt = async (path: string, init: RequestInit): Promise<Reply> => {
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
      return unanswered(code);
    }
  };

  const call = async (path: string, init: RequestInit, repeatForMs: number): Promise<Answer> => {
    const begun = ticker.nowMs();
    const codes: string[] = [];
    let attempts = 0;
    let reply = unanswered("connect");
    const policy = {
      ...{ firstMs: 100, maxMs: Math.min(2_000, maxPauseMs), forMs: repeatForMs, ticker },
      mayRetry: (error: unknown) => error instanceof WorthRepeating && !signal.aborted,
      afterMs: (error: unknown) => Math.min(maxPauseMs, (error as WorthRepeating).reply.retryAfterMs || 0),
    };
    const repeated = retry(
      policy,
      async () => {
        attempts += 1;
        reply = await attempt(path, init);
        if (!isOk(reply)) codes.push(reply.code);
        if (isWorthRepeating(reply)) throw new WorthRepeating(reply);
      },
      signal,
    );
    await repeated.catch((error) => {
      if (!(error instanceof WorthRepeating || signal.aborted)) throw error;
    });
    const { code, data, degraded } = reply;
    const outcome = isOk(reply) ? "ok" : isUnknown(reply) ? "failed" : "refused";
    onCall({ ms: ticker.nowMs() - begun, outcome, codes, attempts });
    return { outcome, ...(isOk(reply) ? {} : { code }), data, degraded };
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
