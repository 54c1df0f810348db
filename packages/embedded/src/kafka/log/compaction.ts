import { setImmediate } from "node:timers/promises";
import type { PartitionLog } from "./partition-log.ts";
import type { AbortedTransaction } from "./producers.ts";
import { type BatchHeader, batchWithOnly, keyedRecords } from "./record-batch.ts";
import type { Segment } from "./segment.ts";

export interface CompactionRules {
  now: number;
  minLagMs: number;
  maxLagMs: number;
  minDirtyRatio: number;
  tombstoneMs: number;
}

/** Keys looked at in one pass; what is beyond waits for the next. */
const maxKeys = 200_000;

/**
 * Compaction by key (https://kafka.apache.org/documentation/#compaction): of each key the newest record stays, offsets stay as
 * they were, the newest segment is never touched. Records of aborted transactions go, end markers stay. A tombstone goes when it
 * is older than `delete.retention.ms`, by its own timestamp. Batches packed with snappy or LZ4 stay whole: Node cannot read them,
 * and tombstones after them stay too, because one may hide a value in there.
 *
 * Works segment by segment and lets others have their turn in between.
 *
 * @param cleanUntil  where the last pass over this log ended
 * @returns where this one ended
 */
export async function compact(log: PartitionLog, cleanUntil: number, rules: CompactionRules): Promise<number> {
  const segments: Segment[] = [];
  for (const segment of log.closedSegments()) {
    if (segment.size > 0 && segment.newestTimestamp > rules.now - rules.minLagMs) break;
    segments.push(segment);
  }
  // The first segment stays when it has become empty; it has no age to go by.
  const dirty = segments.filter(({ size, nextOffset }) => size > 0 && nextOffset > cleanUntil);
  if (!isWorthIt(segments, dirty, rules)) return cleanUntil;

  const newest = new Map<string, number>();
  let end = cleanUntil;
  for (const segment of dirty) {
    const aborted = log.abortedBetween(segment.baseOffset, segment.nextOffset);
    for (const { header, batch } of segment.batches()) {
      if (header.isControl || isAborted(header, aborted)) continue;
      for (const { key, offset } of keyedRecords(batch, header) ?? [])
        if (key) newest.set(key.toString("latin1"), offset);
    }
    end = segment.nextOffset;
    if (newest.size > maxKeys) break;
    await setImmediate();
  }
  const pass = { newest, rules, metUnreadable: false };
  for (const segment of segments) {
    if (segment.baseOffset >= end) break;
    if (!log.closedSegments().includes(segment)) continue;
    const aborted = log.abortedBetween(segment.baseOffset, segment.nextOffset);
    segment.rewrite((header, batch) => keep(header, batch, aborted, pass));
    log.dropIfEmpty(segment);
    await setImmediate();
  }
  return end;
}

function isWorthIt(all: readonly Segment[], dirty: readonly Segment[], rules: CompactionRules): boolean {
  const bytes = (segments: readonly Segment[]) => segments.reduce((sum, { size }) => sum + size, 0);
  const oldest = dirty[0]?.firstTimestamp;
  if (oldest === undefined) return false;
  return bytes(dirty) / bytes(all) >= rules.minDirtyRatio || oldest < rules.now - rules.maxLagMs;
}

const isAborted = (header: BatchHeader, aborted: readonly AbortedTransaction[]): boolean =>
  header.isTransactional &&
  aborted.some(
    ({ producerId, firstOffset, lastOffset }) =>
      producerId === header.producerId && firstOffset <= header.baseOffset && header.baseOffset <= lastOffset,
  );

function keep(
  header: BatchHeader,
  batch: Buffer,
  aborted: readonly AbortedTransaction[],
  pass: { newest: ReadonlyMap<string, number>; rules: CompactionRules; metUnreadable: boolean },
): Buffer | undefined {
  const { newest, rules } = pass;
  if (header.isControl) return batch;
  if (isAborted(header, aborted)) return undefined;
  const records = keyedRecords(batch, header);
  if (!records) {
    pass.metUnreadable = true;
    return batch;
  }
  const kept = records.filter(({ key, offset, timestamp, isTombstone }) => {
    if (!key) return false;
    if (offset < (newest.get(key.toString("latin1")) ?? offset)) return false;
    return !isTombstone || pass.metUnreadable || timestamp >= rules.now - rules.tombstoneMs;
  });
  if (kept.length === records.length) return batch;
  return kept.length === 0 ? undefined : batchWithOnly(batch, header, kept);
}
