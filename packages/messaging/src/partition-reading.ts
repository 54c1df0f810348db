import type { Logger } from "@weft/core";
import type { Broker, TopicPartition } from "./broker.ts";
import type { Inbox } from "./inbox.ts";

interface PartitionReadingCollaborators {
  broker: Pick<Broker, "groupOffsets">;
  inbox: Pick<Inbox<never>, "reading">;
  log: Logger;
}

/**
 * Says to the inbox from where on a partition is read, before its first record is looked at. What the inbox has noted last
 * and what comes now are next to each other, unless the group's offset was moved on, or the inbox's database went back: then
 * the records between had no effect there, which the log tells, and `InboxTrouble` until they were read.
 */
export function partitionReading({ broker, inbox: { reading }, log }: PartitionReadingCollaborators, group: string) {
  /** Offsets that hold no record (markers of transactions) are no records that were passed over. */
  async function startOf(at: TopicPartition, first: bigint, noted: bigint): Promise<bigint> {
    const committed = (await broker.groupOffsets(group)).find(
      ({ topic, partition }) => topic === at.topic && partition === at.partition,
    );
    return committed && committed.offset <= noted ? noted : first;
  }

  return async (at: TopicPartition, first: bigint): Promise<void> => {
    if (!reading) return;
    const noted = await reading.next(group, at);
    const offset = noted === undefined || first <= noted ? first : await startOf(at, first, noted);
    await reading.begin(group, { ...at, offset });
    if (noted === undefined || offset <= noted) return;
    log.error(
      { ...at, from: String(noted), to: String(offset), records: Number(offset - noted) },
      "records of this group were passed over: its offset was moved on, or the database was restored; `weft groups rewind` lets a stopped service read them again",
    );
  };
}
