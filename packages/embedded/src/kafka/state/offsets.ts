import type { Logger } from "@weft/core";
import type { Disk } from "../log/disk.ts";
import { Journal } from "../log/journal.ts";

export interface CommittedOffset {
  offset: number;
  leaderEpoch: number;
  metadata: string | null;
}
export interface OffsetOf extends CommittedOffset {
  topic: string;
  partition: number;
}

/** One line of the file; the newest word about a partition wins. `null` as offset: deleted. */
interface Entry {
  group: string;
  offsets: [topic: string, partition: number, offset: number | null, leaderEpoch: number, metadata: string | null][];
}

/** Committed offsets of consumer groups, in a journal of their own. */
export class OffsetStore {
  private readonly groups = new Map<string, Map<string, Map<number, CommittedOffset>>>();
  private readonly journal: Journal<Entry>;

  constructor({ disk, log }: { disk: Disk; log: Logger }, options: { path: string; fsync: boolean }) {
    this.journal = new Journal(
      { disk, log, apply: (entry) => this.apply(entry), current: () => this.current() },
      options,
    );
  }

  open(): void {
    this.journal.open();
  }

  private apply({ group, offsets }: Entry): void {
    const topics = this.groups.get(group) ?? new Map<string, Map<number, CommittedOffset>>();
    this.groups.set(group, topics);
    for (const [topic, partition, offset, leaderEpoch, metadata] of offsets) {
      const partitions = topics.get(topic) ?? new Map<number, CommittedOffset>();
      if (offset === null) {
        partitions.delete(partition);
        if (partitions.size === 0) topics.delete(topic);
        continue;
      }
      topics.set(topic, partitions);
      partitions.set(partition, { offset, leaderEpoch, metadata });
    }
    if (topics.size === 0) this.groups.delete(group);
  }

  private current(): Entry[] {
    return [...this.groups.keys()].map((group) => ({
      group,
      offsets: this.ofGroup(group).map(({ topic, partition, offset, leaderEpoch, metadata }) => [
        topic,
        partition,
        offset,
        leaderEpoch,
        metadata,
      ]),
    }));
  }

  /** @throws whatever the disk says; nothing is committed then */
  commit(group: string, offsets: readonly OffsetOf[]): void {
    if (offsets.length === 0) return;
    this.journal.append({
      group,
      offsets: offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) => [
        topic,
        partition,
        offset,
        leaderEpoch,
        metadata,
      ]),
    });
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.groups.get(group)?.get(topic)?.get(partition);
  }
  ofGroup(group: string): OffsetOf[] {
    const all: OffsetOf[] = [];
    for (const [topic, partitions] of this.groups.get(group) ?? [])
      for (const [partition, committed] of partitions) all.push({ topic, partition, ...committed });
    return all;
  }
  groupIds(): string[] {
    return [...this.groups.keys()];
  }
  has(group: string): boolean {
    return this.groups.has(group);
  }

  delete(group: string, which: readonly { topic: string; partition: number }[]): void {
    const known = which.filter(({ topic, partition }) => this.get(group, topic, partition));
    if (known.length === 0) return;
    this.journal.append({ group, offsets: known.map(({ topic, partition }) => [topic, partition, null, -1, null]) });
  }
  deleteGroup(group: string): void {
    this.delete(group, this.ofGroup(group));
  }
  deleteTopic(topic: string): void {
    for (const [group, topics] of [...this.groups]) {
      const partitions = [...(topics.get(topic)?.keys() ?? [])];
      this.delete(
        group,
        partitions.map((partition) => ({ topic, partition })),
      );
    }
  }

  close(): void {
    this.journal.close();
  }
}
