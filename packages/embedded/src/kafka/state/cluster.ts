import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@weft/core";
import { readOrNothing, writeFileAtomically } from "../../data-directory.ts";
import { EmbeddedDataFormat } from "../../errors.ts";
import type { Disk } from "../log/disk.ts";
import { type LogLimits, PartitionLog } from "../log/partition-log.ts";
import type { BrokerSettings } from "../options.ts";
import { TopicConfigs } from "./topic-configs.ts";
import { collisionKey } from "./topic-names.ts";

export interface Topic {
  name: string;
  /** 32 hexadecimal digits; also the folder of its partitions, so that a topic made again never meets the files of its predecessor. */
  id: string;
  partitions: PartitionLog[];
  configs: Record<string, string>;
}

/** `cluster.json`. */
interface StoredCluster {
  clusterId: string;
  /** Ids below this may have been given out. */
  nextProducerId: number;
  topics: { name: string; id: string; partitions: number; configs: Record<string, string> }[];
}

/** Producer ids are reserved on disk in blocks, so that none is given twice, whatever happens. */
const producerIdBlock = 1000;

/** What the cluster consists of: its identity, its topics with their logs, the producer ids given out. One file, written atomically. */
export class Cluster {
  readonly configs: TopicConfigs;
  clusterId = "";
  private readonly file: string;
  private readonly logs: string;
  private readonly topics = new Map<string, Topic>();
  private readonly names = new Map<string, string>();
  private readonly ids = new Map<string, Topic>();
  private nextProducerId = 0;
  private reservedProducerIds = 0;
  private readonly disk: Disk;
  private readonly log: Logger;
  private readonly settings: BrokerSettings;

  constructor({ disk, log }: { disk: Disk; log: Logger }, settings: BrokerSettings) {
    this.disk = disk;
    this.log = log;
    this.settings = settings;
    this.configs = new TopicConfigs(settings);
    this.file = join(settings.dataDir, "cluster.json");
    this.logs = join(settings.dataDir, "logs");
  }

  /** Reads everything back. @throws EmbeddedDataFormat when `cluster.json` is not readable */
  open(): void {
    mkdirSync(this.logs, { recursive: true });
    const stored = this.readFile();
    this.clusterId = stored?.clusterId ?? randomBytes(16).toString("base64url");
    this.reservedProducerIds = stored?.nextProducerId ?? 0;
    this.nextProducerId = this.reservedProducerIds;
    for (const { name, id, partitions, configs } of stored?.topics ?? []) {
      const logs = Array.from({ length: partitions }, (_, index) => this.openPartition(name, id, index));
      this.add({ name, id, partitions: logs, configs });
    }
    // A topic leaves `cluster.json` first and the disk second; a crash in between leaves its folder.
    for (const folder of readdirSync(this.logs))
      if (!this.ids.has(folder)) rmSync(join(this.logs, folder), { recursive: true, force: true });
    if (!stored) this.save();
  }

  private readFile(): StoredCluster | undefined {
    const text = readOrNothing(this.file);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as StoredCluster;
    } catch (cause) {
      throw new EmbeddedDataFormat(
        { path: this.file, found: "something that is not JSON", expected: "a description of the cluster" },
        { cause },
      );
    }
  }

  private openPartition(topic: string, id: string, partition: number): PartitionLog {
    const onRepair = (lostBytes: number) =>
      this.log.warn(
        { topic, partition, lostBytes },
        "cut off the unfinished end of a log; nothing acknowledged was in it",
      );
    return PartitionLog.open({ disk: this.disk, onRepair }, join(this.logs, id, String(partition)));
  }

  private add(topic: Topic): void {
    this.topics.set(topic.name, topic);
    this.ids.set(topic.id, topic);
    this.names.set(collisionKey(topic.name), topic.name);
  }
  private forget(topic: Topic): void {
    this.topics.delete(topic.name);
    this.ids.delete(topic.id);
    this.names.delete(collisionKey(topic.name));
  }

  private save(): void {
    const stored: StoredCluster = {
      clusterId: this.clusterId,
      nextProducerId: this.reservedProducerIds,
      topics: [...this.topics.values()].map(({ name, id, partitions, configs }) => ({
        name,
        id,
        partitions: partitions.length,
        configs,
      })),
    };
    writeFileAtomically(this.file, JSON.stringify(stored, null, 1));
  }

  all(): Topic[] {
    return [...this.topics.values()];
  }
  byName(name: string): Topic | undefined {
    return this.topics.get(name);
  }
  byId(id: string): Topic | undefined {
    return this.ids.get(id);
  }
  /** A topic whose name cannot be told from this one in metrics. */
  colliding(name: string): string | undefined {
    const other = this.names.get(collisionKey(name));
    return other === name ? undefined : other;
  }
  get partitionCount(): number {
    let count = 0;
    for (const topic of this.topics.values()) count += topic.partitions.length;
    return count;
  }

  limitsOf(topic: Topic): LogLimits {
    return {
      maxMessageBytes: this.configs.number(topic.configs, "max.message.bytes"),
      segmentBytes: this.configs.number(topic.configs, "segment.bytes"),
      segmentMs: this.configs.number(topic.configs, "segment.ms"),
      needsKeys: this.configs.rules(topic.configs).isCompacted,
      maxAheadMs: this.configs.number(topic.configs, "message.timestamp.after.max.ms"),
      fsync: this.settings.fsync,
    };
  }

  /** @throws whatever the disk says; the topic does not exist then */
  create(name: string, partitions: number, configs: Record<string, string>): Topic {
    const id = randomBytes(16).toString("hex");
    const logs = Array.from({ length: partitions }, (_, index) => this.openPartition(name, id, index));
    const topic = { name, id, partitions: logs, configs };
    this.add(topic);
    try {
      this.save();
    } catch (error) {
      this.forget(topic);
      for (const log of logs) log.remove();
      throw error;
    }
    return topic;
  }

  grow(topic: Topic, partitions: number): void {
    const before = topic.partitions.length;
    for (let index = before; index < partitions; index++)
      topic.partitions.push(this.openPartition(topic.name, topic.id, index));
    this.saveOr(() => {
      for (const log of topic.partitions.splice(before)) log.remove();
    });
  }

  configure(topic: Topic, configs: Record<string, string>): void {
    const before = topic.configs;
    topic.configs = configs;
    this.saveOr(() => {
      topic.configs = before;
    });
  }

  remove(topic: Topic): void {
    this.forget(topic);
    this.saveOr(() => this.add(topic));
    for (const partition of topic.partitions.splice(0)) partition.remove();
    rmSync(join(this.logs, topic.id), { recursive: true, force: true });
  }

  private saveOr(undo: () => void): void {
    try {
      this.save();
    } catch (error) {
      undo();
      throw error;
    }
  }

  newProducerId(): number {
    if (this.nextProducerId >= this.reservedProducerIds) {
      this.reservedProducerIds += producerIdBlock;
      this.saveOr(() => {
        this.reservedProducerIds -= producerIdBlock;
      });
    }
    return this.nextProducerId++;
  }

  close(): void {
    for (const { partitions } of this.topics.values())
      for (const partition of partitions) {
        partition.checkpoint();
        partition.close();
      }
  }
}
