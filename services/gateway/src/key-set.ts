import { classify, type Logger, option, takeOptions } from "@weft/core";
import { errors, type JWK } from "jose";
import { createLocalJWKSet } from "jose/jwks/local";
import { KeysUnavailable } from "./errors.ts";
import { type TokenKeys, verificationKey } from "./token-keys.ts";

export interface KeySetOptions {
  url: string;
  /** Bound of one fetch, in milliseconds. @defaultValue 5000 */
  fetchTimeoutMs?: number;
  /** Age at which the keys are fetched again beside the work, in milliseconds. @defaultValue 600000 */
  refreshMs?: number;
  /** Least time between two fetches, however many unknown keys come in, in milliseconds. @defaultValue 30000 */
  cooldownMs?: number;
}

const rules = {
  fetchTimeoutMs: option.milliseconds(5000),
  refreshMs: option.count(600_000, { from: 0 }),
  cooldownMs: option.count(30_000, { from: 0 }),
};
const maxBytes = 262_144;
const maxKeys = 100;

/**
 * The issuer's key set (RFC 7517). Keys in hand go on serving while the issuer is away. A token with an unknown key makes it
 * look again, at most once in `cooldownMs`: a flood of invented key ids is one fetch. A key that the issuer took back is
 * refused after the next fetch.
 */
export function keySet({ log }: { log: Logger }, options: KeySetOptions): TokenKeys {
  const { url, fetchTimeoutMs, refreshMs, cooldownMs } = takeOptions("keySet", rules, options);
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  async function load(): Promise<void> {
    triedAt = performance.now();
    try {
      const response = await fetch(url, {
        signal: AbortSignal.timeout(fetchTimeoutMs),
        redirect: "error",
        headers: { accept: "application/jwk-set+json, application/json" },
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      keys = createLocalJWKSet({ keys: usable(jsonOf(await boundedText(response))) });
      fetchedAt = performance.now();
    } catch (error) {
      const isBug = classify(error) === "bug";
      log[isBug ? "error" : "warn"](
        { err: error, hasKeys: keys !== undefined },
        "the token issuer's keys could not be fetched",
      );
      if (isBug) throw error;
      throw new KeysUnavailable(undefined, { cause: error });
    }
  }

  /** One fetch, however many ask; none while the last one is too recent. */
  function refresh(): Promise<void> {
    if (fetching) return fetching;
    if (performance.now() - triedAt < cooldownMs) return Promise.resolve();
    fetching = load().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  return {
    name: "token-keys",
    async start() {
      await load();
    },
    async stop() {},
    health: () =>
      performance.now() - fetchedAt > 2 * refreshMs
        ? { status: "degraded", message: "the issuer's keys are old: it does not answer" }
        : { status: "healthy" },
    async find(header, token) {
      if (!keys) throw new KeysUnavailable();
      if (performance.now() - fetchedAt > refreshMs) refresh().catch(() => {});
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await refresh().catch(() => {});
        return keys(header, token);
      }
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("not JSON"); // the issuer's mistake, and not an error of this program
  }
}

function usable(value: unknown): JWK[] {
  const list = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) throw new Error("not a JSON Web Key Set");
  return list.slice(0, maxKeys).flatMap((jwk: JWK | null) => (jwk ? (verificationKey(jwk) ?? []) : []));
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
