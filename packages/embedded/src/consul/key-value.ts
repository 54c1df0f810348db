import type { BlockingQueries } from "./blocking.ts";
import { Refusal } from "./refusal.ts";

export interface KeyValueEntry {
  key: string;
  /** Base64, or nothing where the value is empty. */
  value: string | null;
  flags: number;
  /** How often it was locked. */
  lockIndex?: number;
  /** The session that holds it. */
  session?: string;
  createIndex: number;
  modifyIndex: number;
}

interface PutOptions {
  flags: number;
  /** Absent: always; 0: only when the key does not exist; else only when its modify index is that. */
  cas?: number;
  /** The session that takes the lock, or gives it back. */
  acquire?: string;
  release?: string;
}

export interface KeyValueStore {
  /** The index of what a prefix holds; a deletion anywhere moves that of a prefix that holds less. */
  indexOf(prefix: string): number;
  get(key: string): KeyValueEntry | undefined;
  list(prefix: string): KeyValueEntry[];
  /** @returns whether it was done */
  put(key: string, value: Buffer, options: PutOptions): boolean;
  remove(key: string, options: { recurse: boolean; cas?: number }): boolean;
  /** Whether the key was held by a session that ended a moment ago, and may not be locked yet. */
  isLockDelayed(key: string): boolean;
  /** All changes of `work` as one, with one index; none of them where it throws. */
  transaction<Result>(work: () => Result): Result;
  /** What a session held is free, or gone, and may not be locked for a while. */
  unlock(session: string, options: { behavior: "release" | "delete"; lockDelayMs: number }): void;
  snapshot(): KeyValueEntry[];
}

/**
 * The most that all entries take together, in bytes: this is a development server, and every write rewrites the file. Consul
 * has no bound for a key; a longer one than this does not fit a URL here, only a transaction.
 */
const bounds = { totalBytes: 32 * 1024 * 1024, keyBytes: 16 * 1024 };

/** Names of the fields, indexes and session of an entry, about. */
const bytesOfFields = 200;
const bytesOf = ({ key, value }: { key: string; value: string | null }): number =>
  Buffer.byteLength(key) + (value?.length ?? 0) + bytesOfFields;

/** Keys and values with check-and-set and locks. Source: Consul HTTP API, "KV Store". */
export function keyValueStore(
  parts: { queries: BlockingQueries; nextIndex: () => number; returnIndex: () => void; firstIndex: number },
  initial: KeyValueEntry[] = [],
): KeyValueStore {
  let entries = new Map(initial.map((entry) => [entry.key, entry]));
  /** Until when a key may not be locked, by `performance.now()`. */
  const delays = new Map<string, number>();
  let deletedAt = parts.firstIndex;
  let totalBytes = initial.reduce((sum, entry) => sum + bytesOf(entry), 0);

  /** The transaction that runs, and its index once it has written. */
  let running: { index?: number } | undefined;

  function nextIndex(): number {
    if (!running) return parts.nextIndex();
    running.index ??= parts.nextIndex();
    return running.index;
  }
  const changed = () => {
    if (!running) parts.queries.changed();
  };
  const isLockDelayed = (key: string) => (delays.get(key) ?? 0) > performance.now();

  const list = (prefix: string) =>
    [...entries.values()].filter(({ key }) => key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1));

  /** Advisory, as in Consul: who writes without a session is not kept from it. */
  function mayPut(before: KeyValueEntry | undefined, key: string, { cas, acquire, release }: PutOptions): boolean {
    if (cas !== undefined && cas !== (before?.modifyIndex ?? 0)) return false;
    if (release !== undefined) return before?.session === release;
    if (acquire === undefined || before?.session === acquire) return true;
    if (isLockDelayed(key)) return false;
    delays.delete(key);
    return before?.session === undefined;
  }

  return {
    indexOf: (prefix) => list(prefix).reduce((index, { modifyIndex }) => Math.max(index, modifyIndex), deletedAt),
    get: (key) => entries.get(key),
    list,
    put(key, value, options) {
      const keyBytes = Buffer.byteLength(key);
      if (keyBytes > bounds.keyBytes)
        throw new Refusal(413, `Key(${keyBytes} bytes) too large, max size: ${bounds.keyBytes} bytes.`);
      const before = entries.get(key);
      if (!mayPut(before, key, options)) return false;
      const { flags, acquire, release } = options;
      const encoded = value.length === 0 ? null : value.toString("base64");
      const size = totalBytes + bytesOf({ key, value: encoded }) - (before ? bytesOf(before) : 0);
      if (size > bounds.totalBytes && size > totalBytes)
        throw new Refusal(413, `the store of this embedded server is full (${bounds.totalBytes} bytes)`);
      totalBytes = size;
      const at = nextIndex();
      const session = release === undefined ? (acquire ?? before?.session) : undefined;
      const isLocked = acquire !== undefined && before?.session !== acquire;
      entries.set(key, {
        key,
        value: encoded,
        flags,
        lockIndex: (before?.lockIndex ?? 0) + (isLocked ? 1 : 0),
        ...(session === undefined ? {} : { session }),
        createIndex: before?.createIndex ?? at,
        modifyIndex: at,
      });
      changed();
      return true;
    },
    remove(key, { recurse, cas }) {
      const gone = recurse ? list(key) : [entries.get(key)].filter((entry) => entry !== undefined);
      if (gone.length === 0) return true;
      if (cas !== undefined && gone[0]?.modifyIndex !== cas) return false;
      drop(gone);
      changed();
      return true;
    },
    isLockDelayed,
    transaction(work) {
      const before = { entries: new Map(entries), deletedAt, totalBytes };
      const transaction: typeof running = {};
      running = transaction;
      try {
        return work();
      } catch (error) {
        ({ entries, deletedAt, totalBytes } = before);
        if (transaction.index !== undefined) parts.returnIndex();
        transaction.index = undefined;
        throw error;
      } finally {
        running = undefined;
        if (transaction.index !== undefined) changed();
      }
    },
    unlock(session, { behavior, lockDelayMs }) {
      const held = [...entries.values()].filter((entry) => entry.session === session);
      if (held.length === 0) return;
      const now = performance.now();
      for (const [key, until] of delays) if (until <= now) delays.delete(key);
      for (const { key } of held) if (lockDelayMs > 0) delays.set(key, now + lockDelayMs);
      if (behavior === "delete") drop(held);
      else for (const { session: _, ...entry } of held) entries.set(entry.key, { ...entry, modifyIndex: nextIndex() });
      changed();
    },
    snapshot: () => [...entries.values()],
  };

  function drop(gone: KeyValueEntry[]): void {
    for (const entry of gone) {
      entries.delete(entry.key);
      totalBytes -= bytesOf(entry);
    }
    deletedAt = nextIndex();
  }
}
