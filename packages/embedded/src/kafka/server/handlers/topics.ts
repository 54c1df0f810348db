import type { RequestOf } from "../../protocol/apis.ts";
import { type ErrorName, errorCodes } from "../../protocol/error-codes.ts";
import type { Topic } from "../../state/cluster.ts";
import type { Broker, Handlers } from "../context.ts";
import { createTopic, isRefusal, planTopic, type Refusal, refusal, type TopicPlan } from "./topic-creation.ts";

type NewTopic = RequestOf<"createTopics">["topics"][number];

const configSources = { topic: 1, default: 5 };

export function topicHandlers(
  broker: Broker,
): Pick<Handlers, "createTopics" | "deleteTopics" | "createPartitions" | "deleteRecords"> {
  const { cluster, offsets, settings, node, log } = broker;

  const plan = (wanted: NewTopic): TopicPlan | Refusal => {
    const { name, numPartitions, replicationFactor, assignments, configs } = wanted;
    if (assignments.length > 0 && (numPartitions !== -1 || replicationFactor !== -1))
      return refusal("INVALID_REQUEST", "replica assignments leave no room for partition count and replication factor");
    if (replicationFactor !== -1 && replicationFactor !== 1)
      return refusal("INVALID_REPLICATION_FACTOR", `replication factor ${replicationFactor} on a cluster of 1 broker`);
    const ids = assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
    const areHere = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === node.id);
    if (!areHere || ids.some((id, index) => id !== index))
      return refusal("INVALID_REPLICA_ASSIGNMENT", `partitions from 0 on, each on broker ${node.id}`);
    const own: Record<string, string> = {};
    for (const { name: config, value } of configs) {
      const problem = cluster.configs.problem(config, value);
      if (problem) return refusal("INVALID_CONFIG", problem);
      own[config] = value as string;
    }
    const partitions = ids.length || (numPartitions === -1 ? settings.defaultPartitions : numPartitions);
    return planTopic(broker, { name, partitions, configs: own });
  };

  const describe = (name: string, partitions: number, configs: Record<string, string>, topicId: string) => ({
    name,
    topicId,
    errorCode: errorCodes.NONE,
    errorMessage: null,
    numPartitions: partitions,
    replicationFactor: 1,
    configs: cluster.configs.describe(configs).map((config) => ({
      name: config.name,
      value: config.value,
      configSource: config.isOwn ? configSources.topic : configSources.default,
    })),
  });

  const remove = (topic: Topic | undefined, missing: ErrorName): Refusal | undefined => {
    if (!topic) return refusal(missing, "This server does not host this topic-partition.");
    try {
      cluster.remove(topic);
      offsets.deleteTopic(topic.name);
      return undefined;
    } catch (err) {
      log.error({ err, topic: topic.name }, "could not delete a topic");
      return refusal("KAFKA_STORAGE_ERROR", "the deletion could not be written to disk");
    }
  };

  return {
    createTopics({ topics, validateOnly }) {
      const seen = new Map<string, number>();
      for (const { name } of topics) seen.set(name, (seen.get(name) ?? 0) + 1);
      return {
        topics: topics.map((wanted) => {
          const { name } = wanted;
          const planned =
            seen.get(name) === 1 ? plan(wanted) : refusal("INVALID_REQUEST", `${name} is named more than once`);
          if (isRefusal(planned)) return { name, ...planned, configs: null };
          if (validateOnly) return describe(name, planned.partitions, planned.configs, "0".repeat(32));
          const made = createTopic(broker, planned);
          if (isRefusal(made)) return { name, ...made, configs: null };
          return describe(name, made.partitions.length, made.configs, made.id);
        }),
      };
    },

    deleteTopics({ topics, topicNames }) {
      const byName = (name: string) => {
        const topic = cluster.byName(name);
        return { name, topicId: topic?.id, errorCode: errorCodes.NONE, ...remove(topic, "UNKNOWN_TOPIC_OR_PARTITION") };
      };
      const byId = (topicId: string) => {
        const topic = cluster.byId(topicId);
        return { name: topic?.name ?? null, topicId, errorCode: errorCodes.NONE, ...remove(topic, "UNKNOWN_TOPIC_ID") };
      };
      return {
        responses: [
          ...topicNames.map(byName),
          ...topics.map(({ name, topicId }) => (name === null ? byId(topicId) : byName(name))),
        ],
      };
    },

    createPartitions: ({ topics, validateOnly }) => ({
      results: topics.map(({ name, count, assignments }) => {
        const topic = cluster.byName(name);
        const ok = { name, errorCode: errorCodes.NONE };
        if (!topic) return { name, ...refusal("UNKNOWN_TOPIC_OR_PARTITION", "The topic does not exist.") };
        const before = topic.partitions.length;
        if (count <= before)
          return {
            name,
            ...refusal(
              "INVALID_PARTITIONS",
              `Topic currently has ${before} partitions, which is not less than ${count}.`,
            ),
          };
        if (cluster.partitionCount + count - before > settings.maxPartitions)
          return {
            name,
            ...refusal("POLICY_VIOLATION", `this broker keeps at most ${settings.maxPartitions} partitions`),
          };
        const areHere =
          assignments?.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === node.id) ?? true;
        if (!areHere || (assignments && assignments.length !== count - before))
          return { name, ...refusal("INVALID_REPLICA_ASSIGNMENT", `each new partition on broker ${node.id}`) };
        if (validateOnly) return ok;
        try {
          cluster.grow(topic, count);
          return ok;
        } catch (err) {
          log.error({ err, topic: name }, "could not add partitions");
          return { name, ...refusal("KAFKA_STORAGE_ERROR", "the partitions could not be written to disk") };
        }
      }),
    }),

    deleteRecords: ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, offset }) => {
          const refused = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode });
          const topic = cluster.byName(name);
          const partition = topic?.partitions[partitionIndex];
          if (!topic || !partition) return refused(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
          if (!cluster.configs.rules(topic.configs).isDeleted) return refused(errorCodes.POLICY_VIOLATION);
          const before = offset === -1 ? partition.endOffset : offset;
          if (before < 0 || before > partition.endOffset) return refused(errorCodes.OFFSET_OUT_OF_RANGE);
          try {
            partition.deleteBefore(before);
          } catch (err) {
            log.error({ err, topic: name, partition: partitionIndex }, "could not delete records");
            return refused(errorCodes.KAFKA_STORAGE_ERROR);
          }
          return { partitionIndex, lowWatermark: partition.startOffset, errorCode: errorCodes.NONE };
        }),
      })),
    }),
  };
}
