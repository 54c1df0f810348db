import type { BlockingQueries } from "./blocking.ts";
import { Refusal } from "./refusal.ts";

export interface KeyValueEntry {
  key: string;
  /** Base64, or nothing where the value is empty. */
  value: string | null;
  flags: number;
  createIndex: number;
  modifyIndex: number;
}

export interface KeyValueStore {
  /** The index of what a prefix holds; a deletion anywhere moves that of a prefix that holds less. */
  indexOf(prefix: string): number;
  get(key: string): KeyValueEntry | undefined;
  list(prefix: string): KeyValueEntry[];
  /** @param cas absent: always; 0: only when the key does not exist; else only when its modify index is that. @returns whether it was done */
  put(key: string, value: Buffer, options: { flags: number; cas?: number }): boolean;
  remove(key: string, options: { recurse: boolean; cas?: number }): boolean;
  snapshot(): KeyValueEntry[];
}

/** The most that all values take together, in bytes: this is a development server, and every write rewrites the file. */
const maxTotalBytes = 32 * 1024 * 1024;

/** Keys and values with check-and-set. Source: Consul HTTP API, "KV Store". */
export function keyValueStore(
  { queries, nextIndex, firstIndex }: { queries: BlockingQueries; nextIndex: () => number; firstIndex: number },
  initial: KeyValueEntry[] = [],
): KeyValueStore {
  const entries = new Map(initial.map((entry) => [entry.key, entry]));
  let deletedAt = firstIndex;
  let totalBytes = initial.reduce((sum, entry) => sum + (entry.value?.length ?? 0), 0);

  const list = (prefix: string) =>
    [...entries.values()].filter(({ key }) => key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1));

  return {
    indexOf: (prefix) => list(prefix).reduce((index, { modifyIndex }) => Math.max(index, modifyIndex), deletedAt),
    get: (key) => entries.get(key),
    list,
    put(key, value, { flags, cas }) {
      const before = entries.get(key);
      if (cas !== undefined && cas !== (before?.modifyIndex ?? 0)) return false;
      const encoded = value.length === 0 ? null : value.toString("base64");
      const size = totalBytes + (encoded?.length ?? 0) - (before?.value?.length ?? 0);
      if (size > maxTotalBytes)
        throw new Refusal(413, `the store of this embedded server is full (${maxTotalBytes} bytes)`);
      totalBytes = size;
      const at = nextIndex();
      entries.set(key, { key, value: encoded, flags, createIndex: before?.createIndex ?? at, modifyIndex: at });
      queries.changed();
      return true;
    },
    remove(key, { recurse, cas }) {
      const gone = recurse ? list(key) : [entries.get(key)].filter((entry) => entry !== undefined);
      if (gone.length === 0) return true;
      if (cas !== undefined && gone[0]?.modifyIndex !== cas) return false;
      for (const entry of gone) {
        entries.delete(entry.key);
        totalBytes -= entry.value?.length ?? 0;
      }
      deletedAt = nextIndex();
      queries.changed();
      return true;
    },
    snapshot: () => [...entries.values()],
  };
}
