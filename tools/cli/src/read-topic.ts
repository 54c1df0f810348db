import { within } from "@weft/core";
import type { Broker, IncomingRecord } from "@weft/messaging";

/**
 * Reads everything that a topic holds now, in the order of each partition.
 * @param take gets each record, and whether it is the last one
 * @param idleMs how long nothing may come, in milliseconds
 * @returns how many partitions were not read to their end, because nothing came for so long   @throws what `take` throws
 */
export async function readTopic(
  broker: Pick<Broker, "topicOffsets" | "tail">,
  topic: string,
  take: (record: IncomingRecord, isLast: boolean) => void | Promise<void>,
  idleMs: number,
): Promise<number> {
  const left = new Map<number, bigint>();
  for (const { partition, first, next } of await broker.topicOffsets(topic))
    if (next > first) left.set(partition, next);
  if (left.size === 0) return 0;
  let heard = Promise.withResolvers<void>();
  let failure: { error: unknown } | undefined;
  let underWay = 0;
  const tail = await broker.tail({ topics: [topic], from: "beginning" }, async (record) => {
    const end = left.get(record.partition);
    if (end === undefined || failure) return;
    if (record.offset + 1n >= end) left.delete(record.partition);
    underWay += 1;
    try {
      await take(record, left.size === 0);
    } catch (error) {
      failure = { error };
    }
    underWay -= 1;
    heard.resolve();
  });
  try {
    let isSilent = false;
    while ((left.size > 0 || underWay > 0) && !failure && !isSilent) {
      isSilent = (await within(idleMs, heard.promise, () => underWay === 0)) ?? false;
      heard = Promise.withResolvers();
    }
  } finally {
    await tail.stop();
  }
  if (failure) throw failure.error;
  return left.size;
}
