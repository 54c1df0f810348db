import { createHash } from "node:crypto";
import {
  IdempotencyKeyReused,
  type IdempotencyKeys,
  type IdempotentRequest,
  type Logger,
  option,
  RequestInProgress,
  type StoredAnswer,
  takeOptions,
} from "@weft/core";
import type { Database, Queryable, Transaction } from "./database.ts";
import { deferredOf } from "./postgres/internals.ts";

export interface IdempotencyKeysOptions {
  /** How long an answer is kept, in milliseconds. @defaultValue 86400000 (24 h) */
  ttlMs?: number;
}

const rules = { ttlMs: option.count(24 * 60 * 60_000) };

/**
 * Answers to requests with an Idempotency-Key, stored in the transaction of their effect:
 * 1. A stored answer is given at once.
 * 2. Otherwise the work runs in a deferred scope. Its first `transaction()` takes the key's lock (`pg_try_advisory_xact_lock`;
 *    not free: RequestInProgress), looks once more, and stays open until the work has answered.
 * 3. The answer is stored in it, then it is committed. A crash before that leaves neither effect nor answer.
 * An error that would meet the same request again is stored too, in a transaction of its own after the rollback.
 * @throws OptionsInvalid
 */
export function idempotencyKeys(
  { database, log }: { database: Database; log: Logger },
  options: IdempotencyKeysOptions = {},
): IdempotencyKeys {
  const { ttlMs } = takeOptions("idempotencyKeys", rules, options);
  const deferred = deferredOf(database);

  async function storeRefusal(request: IdempotentRequest, answer: StoredAnswer): Promise<void> {
    await database.transaction(async (tx) => {
      const unwound = await enter(tx, request);
      if (unwound) throw unwound;
      await store(tx, request, answer, ttlMs);
    });
  }

  return {
    async once(request, work) {
      const known = await find(database, request);
      if (known) return replay(known, request);
      try {
        const answer = await deferred({
          onOpen: (tx) => enter(tx, request),
          work,
          async onClose(tx, result) {
            if (result.status >= 200 && result.status < 300) await store(tx, request, result, ttlMs);
          },
        });
        return { answer, replayed: false };
      } catch (error) {
        if (error instanceof AnswerKnown) return replay(error.found, request);
        const refusal = request.refusal(error);
        if (!refusal) throw error;
        try {
          await storeRefusal(request, refusal);
        } catch (storing) {
          if (storing instanceof AnswerKnown) return replay(storing.found, request);
          // Not stored only means that the repetition is worked out anew, with the same result.
          log.warn({ err: storing, route: request.route }, "a refusal could not be stored under its Idempotency-Key");
        }
        return { answer: refusal, replayed: false };
      }
    },
  };
}

interface Found {
  fingerprint: string;
  answer: StoredAnswer;
}

class AnswerKnown extends Error {
  readonly found: Found;
  constructor(found: Found) {
    super("an earlier request with this Idempotency-Key was answered meanwhile");
    this.found = found;
  }
}

function replay({ fingerprint, answer }: Found, request: IdempotentRequest) {
  if (fingerprint !== request.fingerprint) throw new IdempotencyKeyReused();
  return { answer, replayed: true };
}

/** @returns why the work must not go on in this transaction, if it must not */
async function enter(tx: Transaction, request: IdempotentRequest): Promise<Error | undefined> {
  const { rows } = await tx.query<{ locked: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS locked", [
    lockId(request),
  ]);
  if (!rows[0]?.locked) return new RequestInProgress();
  const found = await find(tx, request);
  return found && new AnswerKnown(found);
}

async function find(queryable: Queryable, { subject, route, key }: IdempotentRequest): Promise<Found | undefined> {
  const { rows } = await queryable.query<{ fingerprint: string; status: number; body: string }>(
    "SELECT fingerprint, status, body FROM weft.idempotency_keys WHERE subject = $1 AND route = $2 AND key = $3 AND expires_at > now()",
    [subject, route, key],
  );
  const [row] = rows;
  return row && { fingerprint: row.fingerprint, answer: { status: row.status, body: JSON.parse(row.body) } };
}

async function store(tx: Transaction, request: IdempotentRequest, { status, body }: StoredAnswer, ttlMs: number) {
  const { subject, route, key, fingerprint } = request;
  await tx.query(
    `INSERT INTO weft.idempotency_keys (subject, route, key, fingerprint, status, body, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 millisecond')
     ON CONFLICT (subject, route, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
       body = excluded.body, created_at = excluded.created_at, expires_at = excluded.expires_at`,
    [subject, route, key, fingerprint, status, JSON.stringify(body ?? null), ttlMs],
  );
}

/** 64 bits of the key's hash. Two keys that share them wait for each other, which harms nobody. */
function lockId({ subject, route, key }: IdempotentRequest): bigint {
  return createHash("sha256")
    .update(JSON.stringify([subject, route, key]))
    .digest()
    .readBigInt64BE(0);
}
