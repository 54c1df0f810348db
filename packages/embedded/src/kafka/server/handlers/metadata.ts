import { leaderEpoch } from "../../log/partition-log.ts";
import { apis } from "../../protocol/apis.ts";
import { errorCodes } from "../../protocol/error-codes.ts";
import type { Topic } from "../../state/cluster.ts";
import { topicNameProblem } from "../../state/topic-names.ts";
import type { Broker, Handlers } from "../context.ts";
import { createTopic, isRefusal, planTopic } from "./topic-creation.ts";

const noTopicId = "0".repeat(32);

export function metadataHandlers(
  broker: Broker,
): Pick<Handlers, "apiVersions" | "metadata" | "describeCluster" | "findCoordinator"> {
  const { cluster, settings, node } = broker;

  const describe = ({ name, id, partitions }: Topic) => ({
    errorCode: errorCodes.NONE,
    name,
    topicId: id,
    partitions: partitions.map((_, partitionIndex) => ({
      errorCode: errorCodes.NONE,
      partitionIndex,
      leaderId: node.id,
      leaderEpoch,
      replicaNodes: [node.id],
      isrNodes: [node.id],
    })),
  });
  const unknown = (errorCode: number, name: string | null, topicId = noTopicId) => ({
    errorCode,
    name,
    topicId,
    partitions: [],
  });

  const lookUp = (name: string | null, topicId: string, mayCreate: boolean) => {
    if (name === null) {
      const topic = cluster.byId(topicId);
      return topic ? describe(topic) : unknown(errorCodes.UNKNOWN_TOPIC_ID, null, topicId);
    }
    const topic = cluster.byName(name);
    if (topic) return describe(topic);
    if (topicNameProblem(name)) return unknown(errorCodes.INVALID_TOPIC_EXCEPTION, name);
    if (!mayCreate) return unknown(errorCodes.UNKNOWN_TOPIC_OR_PARTITION, name);
    const plan = planTopic(broker, { name, partitions: settings.defaultPartitions, configs: {} });
    const made = isRefusal(plan) ? plan : createTopic(broker, plan);
    return isRefusal(made) ? unknown(made.errorCode, name) : describe(made);
  };

  return {
    // The range is of this broker; a client that asked in a version of the future gets its answer from `connection.ts`.
    apiVersions: () => ({
      errorCode: errorCodes.NONE,
      apiKeys: Object.values(apis).map(({ key, min, max }) => ({ apiKey: key, minVersion: min, maxVersion: max })),
    }),

    metadata({ topics, emptyMeansAll, allowAutoTopicCreation }) {
      const wantsAll = topics === null || (emptyMeansAll && topics.length === 0);
      const mayCreate = allowAutoTopicCreation && settings.autoCreateTopics;
      return {
        brokers: [{ nodeId: node.id, host: node.host, port: node.port }],
        clusterId: cluster.clusterId,
        controllerId: node.id,
        topics: wantsAll
          ? cluster.all().map(describe)
          : topics.map(({ name, topicId }) => lookUp(name, topicId, mayCreate)),
      };
    },

    describeCluster: ({ endpointType }) =>
      endpointType === 1
        ? {
            errorCode: errorCodes.NONE,
            endpointType,
            clusterId: cluster.clusterId,
            controllerId: node.id,
            brokers: [{ brokerId: node.id, host: node.host, port: node.port }],
          }
        : {
            errorCode: errorCodes.UNSUPPORTED_VERSION,
            errorMessage: "this broker has no controller endpoint",
            endpointType,
            clusterId: "",
            brokers: [],
          },

    findCoordinator({ key, keyType, asksForKeys, coordinatorKeys }) {
      const answer = (one: string) => {
        const here = { key: one, nodeId: node.id, host: node.host, port: node.port, errorCode: errorCodes.NONE };
        // 0 is a group, 1 a transactional id.
        if (keyType === 0 || keyType === 1) return { ...here, errorMessage: null };
        const nobody = { key: one, nodeId: -1, host: "", port: -1 };
        return {
          ...nobody,
          errorCode: errorCodes.INVALID_REQUEST,
          errorMessage: `coordinators of type ${keyType} are not kept here`,
        };
      };
      return asksForKeys ? { coordinators: coordinatorKeys.map(answer) } : answer(key);
    },
  };
}
