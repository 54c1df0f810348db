import type { BrokerSettings } from "../options.ts";

/** `ConfigDef.Type` on the wire (KIP-569). */
const types = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;

interface ConfigDefinition {
  type: keyof typeof types;
  default: string;
  allowed?: readonly string[];
  least?: number;
  most?: number;
}

const longMax = "9223372036854775807";

/**
 * Topic configs by Kafka's names, with Kafka's defaults. Sizes, retention, compaction act; flushing and indexing are this broker's own
 * affair, so theirs are kept and shown.
 * A value that would promise something that is not done here (recompression, log append time) is refused.
 */
function topicConfigDefinitions(settings: Pick<BrokerSettings, "maxMessageBytes" | "segmentBytes">) {
  const definitions: Record<string, ConfigDefinition> = {
    "cleanup.policy": {
      type: "list",
      default: "delete",
      allowed: ["delete", "compact", "compact,delete", "delete,compact"],
    },
    "compression.type": { type: "string", default: "producer", allowed: ["producer"] },
    "delete.retention.ms": { type: "long", default: "86400000", least: 0 },
    "file.delete.delay.ms": { type: "long", default: "0", least: 0 },
    "flush.messages": { type: "long", default: longMax, least: 1 },
    "flush.ms": { type: "long", default: longMax, least: 0 },
    "index.interval.bytes": { type: "int", default: "16384", least: 0 },
    "max.compaction.lag.ms": { type: "long", default: longMax, least: 1 },
    "max.message.bytes": { type: "int", default: String(settings.maxMessageBytes), least: 0 },
    "message.timestamp.after.max.ms": { type: "long", default: "3600000", least: 0 },
    "message.timestamp.type": { type: "string", default: "CreateTime", allowed: ["CreateTime"] },
    "min.cleanable.dirty.ratio": { type: "double", default: "0.5", least: 0, most: 1 },
    "min.compaction.lag.ms": { type: "long", default: "0", least: 0 },
    "min.insync.replicas": { type: "int", default: "1", least: 1 },
    "retention.bytes": { type: "long", default: "-1", least: -1 },
    "retention.ms": { type: "long", default: "604800000", least: -1 },
    "segment.bytes": { type: "int", default: String(settings.segmentBytes), least: 1_048_576 },
    "segment.ms": { type: "long", default: "604800000", least: 1 },
    "unclean.leader.election.enable": { type: "boolean", default: "false", allowed: ["true", "false"] },
  };
  return definitions;
}

export class TopicConfigs {
  private readonly definitions: Record<string, ConfigDefinition>;

  constructor(settings: Pick<BrokerSettings, "maxMessageBytes" | "segmentBytes">) {
    this.definitions = topicConfigDefinitions(settings);
  }

  /** @returns what is wrong with a value, or nothing */
  problem(name: string, value: string | null): string | undefined {
    const definition = Object.hasOwn(this.definitions, name) ? this.definitions[name] : undefined;
    if (!definition) return `Unknown topic config name: ${name}`;
    if (value === null) return `Null value not supported for topic config: ${name}`;
    const { allowed, type, least, most } = definition;
    if (allowed)
      return allowed.includes(value)
        ? undefined
        : `Invalid value ${value} for configuration ${name}: must be one of ${allowed.join(", ")}`;
    const isNumber = type === "double" ? /^\d+(\.\d+)?$/.test(value) : /^-?\d{1,19}$/.test(value);
    if (!isNumber)
      return `Invalid value ${value} for configuration ${name}: not a number of type ${type.toUpperCase()}`;
    const number = Number(value);
    if (type === "int" && number > 2 ** 31 - 1) return `Invalid value ${value} for configuration ${name}: too large`;
    if (least !== undefined && number < least)
      return `Invalid value ${value} for configuration ${name}: Value must be at least ${least}`;
    if (most !== undefined && number > most)
      return `Invalid value ${value} for configuration ${name}: Value must be no more than ${most}`;
    return undefined;
  }

  /** Every config of a topic, those of its own marked. */
  describe(own: Readonly<Record<string, string>>): { name: string; value: string; isOwn: boolean; type: number }[] {
    return Object.entries(this.definitions).map(([name, definition]) => ({
      name,
      value: own[name] ?? definition.default,
      isOwn: own[name] !== undefined,
      type: types[definition.type],
    }));
  }

  number(own: Readonly<Record<string, string>>, name: string): number {
    return Number(own[name] ?? this.definitions[name]?.default);
  }

  /** What a topic's configs say, as numbers; "for ever" and "without bound" are infinite. */
  rules(own: Readonly<Record<string, string>>) {
    const policy = own["cleanup.policy"] ?? this.definitions["cleanup.policy"]?.default ?? "";
    const unlimited = (name: string) => {
      const value = this.number(own, name);
      return value < 0 ? Number.POSITIVE_INFINITY : value;
    };
    return {
      isCompacted: policy.includes("compact"),
      isDeleted: policy.includes("delete"),
      retentionMs: unlimited("retention.ms"),
      retentionBytes: unlimited("retention.bytes"),
      minLagMs: this.number(own, "min.compaction.lag.ms"),
      maxLagMs: this.number(own, "max.compaction.lag.ms"),
      minDirtyRatio: this.number(own, "min.cleanable.dirty.ratio"),
      tombstoneMs: this.number(own, "delete.retention.ms"),
    };
  }

  isList(name: string): boolean {
    return Object.hasOwn(this.definitions, name) && this.definitions[name]?.type === "list";
  }
}
