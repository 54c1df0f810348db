import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Logger } from "@weft/core";
import type { Disk } from "../log/disk.ts";

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

/** The file is written anew when it is this large and mostly history. */
const compactionBytes = 4 * 1024 * 1024;
const usefulBytesPerOffset = 200;

/**
 * Committed offsets of consumer groups, in a file of their own: one JSON line a commit, written before it is acknowledged.
 * A torn last line was never acknowledged and is cut off.
 */
export class OffsetStore {
  private readonly groups = new Map<string, Map<string, Map<number, CommittedOffset>>>();
  private readonly disk: Disk;
  private readonly log: Logger;
  private readonly path: string;
  private readonly fsync: boolean;
  private fd: number | undefined;
  private size = 0;
  private compactAt = compactionBytes;

  constructor({ disk, log }: { disk: Disk; log: Logger }, options: { path: string; fsync: boolean }) {
    this.disk = disk;
    this.log = log;
    this.path = options.path;
    this.fsync = options.fsync;
  }

  open(): void {
    this.fd = this.disk.open(this.path);
    const bytes = readFileSync(this.path);
    let unreadable = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at);
      if (end < 0) break;
      try {
        this.apply(JSON.parse(bytes.toString("utf8", at, end)) as Entry);
      } catch {
        unreadable++;
      }
      at = end + 1;
      this.size = at;
    }
    if (this.size < bytes.length) this.disk.truncate(this.fd, this.size);
    if (unreadable > 0)
      this.log.error({ file: this.path, lines: unreadable }, "skipped unreadable lines of the offsets file");
    this.compactIfWorthwhile();
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

  private append(entry: Entry): void {
    const fd = this.fd as number;
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      this.disk.write(fd, line, this.size);
      if (this.fsync) this.disk.sync(fd);
    } catch (error) {
      try {
        this.disk.truncate(fd, this.size);
      } catch {
        // The next line overwrites what is there, and the next start cuts it off.
      }
      throw error;
    }
    this.size += line.length;
    this.apply(entry);
    this.compactIfWorthwhile();
  }

  private compactIfWorthwhile(): void {
    if (this.size < this.compactAt) return;
    const lines: string[] = [];
    let count = 0;
    for (const [group, topics] of this.groups) {
      const offsets: Entry["offsets"] = [];
      for (const [topic, partitions] of topics)
        for (const [partition, { offset, leaderEpoch, metadata }] of partitions)
          offsets.push([topic, partition, offset, leaderEpoch, metadata]);
      count += offsets.length;
      lines.push(`${JSON.stringify({ group, offsets } satisfies Entry)}\n`);
    }
    this.compactAt = Math.max(compactionBytes, 4 * count * usefulBytesPerOffset);
    if (this.size < this.compactAt) return;
    const next = `${this.path}.next`;
    try {
      const content = lines.join("");
      writeFileSync(next, content);
      renameSync(next, this.path);
      const fd = this.disk.open(this.path);
      if (this.fd !== undefined) this.disk.close(this.fd);
      this.fd = fd;
      this.size = Buffer.byteLength(content);
    } catch (err) {
      rmSync(next, { force: true });
      this.compactAt = this.size * 2;
      this.log.warn({ err, file: this.path }, "could not shorten the offsets file; trying again when it has doubled");
    }
  }

  /** @throws whatever the disk says; nothing is committed then */
  commit(group: string, offsets: readonly OffsetOf[]): void {
    if (offsets.length === 0) return;
    this.append({
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
    this.append({ group, offsets: known.map(({ topic, partition }) => [topic, partition, null, -1, null]) });
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
    if (this.fd !== undefined) this.disk.close(this.fd);
    this.fd = undefined;
  }
}
