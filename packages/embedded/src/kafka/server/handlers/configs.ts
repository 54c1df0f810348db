import { errorCodes } from "../../protocol/error-codes.ts";
import type { Broker, Handlers } from "../context.ts";
import { type Refusal, refusal } from "./topic-creation.ts";

/** `ConfigResource.Type`, `DescribeConfigsResponse.ConfigSource` and `AlterConfigOp.OpType` on the wire. */
const resourceTypes = { topic: 2, broker: 4 };
const sources = { topic: 1, staticBroker: 4, default: 5 };
const operations = { set: 0, delete: 1, append: 2, subtract: 3 };
const typeOf = { string: 2, int: 3, boolean: 1 };

export function configHandlers(
  broker: Broker,
): Pick<Handlers, "describeConfigs" | "alterConfigs" | "incrementalAlterConfigs"> {
  const { cluster, settings, node, log } = broker;

  const brokerConfigs = () => {
    const values: [string, string | number | boolean][] = [
      ["advertised.listeners", `PLAINTEXT://${node.host}:${node.port}`],
      ["auto.create.topics.enable", settings.autoCreateTopics],
      ["broker.id", node.id],
      ["connections.max.idle.ms", settings.idleTimeoutMs],
      ["default.replication.factor", 1],
      ["fetch.max.bytes", settings.maxFetchBytes],
      ["group.initial.rebalance.delay.ms", settings.initialRebalanceDelayMs],
      ["group.max.session.timeout.ms", settings.maxSessionTimeoutMs],
      ["group.max.size", settings.maxGroupMembers],
      ["group.min.session.timeout.ms", settings.minSessionTimeoutMs],
      ["log.dirs", "data"],
      ["log.cleaner.backoff.ms", settings.cleanupIntervalMs],
      ["log.retention.check.interval.ms", settings.cleanupIntervalMs],
      ["log.segment.bytes", settings.segmentBytes],
      ["max.connections", settings.maxConnections],
      ["message.max.bytes", settings.maxMessageBytes],
      ["num.partitions", settings.defaultPartitions],
      ["socket.request.max.bytes", settings.maxFrameBytes],
      ["transaction.max.timeout.ms", settings.maxTransactionTimeoutMs],
    ];
    return values.map(([name, value]) => ({
      name,
      value: String(value),
      readOnly: true,
      configSource: sources.staticBroker,
      isSensitive: false,
      synonyms: [],
      configType: typeOf[typeof value === "number" ? "int" : typeof value === "boolean" ? "boolean" : "string"],
      documentation: null,
    }));
  };

  const topicConfigs = (own: Record<string, string>, withSynonyms: boolean) =>
    cluster.configs.describe(own).map(({ name, value, isOwn, type }) => {
      const configSource = isOwn ? sources.topic : sources.default;
      return {
        name,
        value,
        readOnly: false,
        configSource,
        isSensitive: false,
        synonyms: withSynonyms ? [{ name, value, source: configSource }] : [],
        configType: type,
        documentation: null,
      };
    });

  const find = (type: number, name: string, withSynonyms: boolean) => {
    if (type === resourceTypes.topic) {
      const topic = cluster.byName(name);
      return topic
        ? topicConfigs(topic.configs, withSynonyms)
        : refusal("UNKNOWN_TOPIC_OR_PARTITION", `topic ${name} does not exist`);
    }
    if (type === resourceTypes.broker)
      return name === "" || name === String(node.id)
        ? brokerConfigs()
        : refusal("INVALID_REQUEST", `there is no broker ${name}; this one is ${node.id}`);
    return refusal("INVALID_REQUEST", `configs of resource type ${type} are not kept here`);
  };

  const changedList = (own: Record<string, string>, name: string, value: string | null, operation: number) => {
    if (!cluster.configs.isList(name)) return undefined;
    const before =
      cluster.configs
        .describe(own)
        .find((config) => config.name === name)
        ?.value.split(",") ?? [];
    const named = (value ?? "").split(",").filter(Boolean);
    if (operation === operations.append) return [...new Set([...before, ...named])].filter(Boolean).join(",");
    if (operation === operations.subtract) return before.filter((one) => !named.includes(one)).join(",");
    return undefined;
  };

  type Change = { name: string; value: string | null; configOperation: number };

  /** @param keeps whether configs that are not named stay as they are */
  const alter = (
    type: number,
    name: string,
    changes: Change[],
    keeps: boolean,
    validateOnly: boolean,
  ): Refusal | undefined => {
    if (type !== resourceTypes.topic)
      return refusal("INVALID_REQUEST", "only the configs of topics can be changed here");
    const topic = cluster.byName(name);
    if (!topic) return refusal("UNKNOWN_TOPIC_OR_PARTITION", `topic ${name} does not exist`);
    const next: Record<string, string> = keeps ? { ...topic.configs } : {};
    for (const { name: config, value, configOperation } of changes) {
      if (configOperation === operations.delete) {
        delete next[config];
        continue;
      }
      const changed = configOperation === operations.set ? value : changedList(next, config, value, configOperation);
      if (changed === undefined)
        return refusal("INVALID_CONFIG", `${config} is not a list, or operation ${configOperation} is unknown`);
      const problem = cluster.configs.problem(config, changed);
      if (problem) return refusal("INVALID_CONFIG", problem);
      next[config] = changed as string;
    }
    if (validateOnly) return undefined;
    try {
      cluster.configure(topic, next);
      return undefined;
    } catch (err) {
      log.error({ err, topic: name }, "could not keep a topic's configs");
      return refusal("KAFKA_STORAGE_ERROR", "the change could not be written to disk");
    }
  };
  const done: Omit<Refusal, "errorMessage"> & { errorMessage: null } = {
    errorCode: errorCodes.NONE,
    errorMessage: null,
  };

  return {
    describeConfigs: ({ resources, includeSynonyms }) => ({
      results: resources.map(({ resourceType, resourceName, configurationKeys }) => {
        const found = find(resourceType, resourceName, includeSynonyms);
        if (!Array.isArray(found)) return { resourceType, resourceName, configs: [], ...found };
        const configs = found.filter(({ name }) => configurationKeys?.includes(name) ?? true);
        return { resourceType, resourceName, configs, ...done };
      }),
    }),
    alterConfigs: ({ resources, validateOnly }) => ({
      responses: resources.map(({ resourceType, resourceName, configs }) => {
        const changes = configs.map((config) => ({ ...config, configOperation: operations.set }));
        return {
          resourceType,
          resourceName,
          ...(alter(resourceType, resourceName, changes, false, validateOnly) ?? done),
        };
      }),
    }),
    incrementalAlterConfigs: ({ resources, validateOnly }) => ({
      responses: resources.map(({ resourceType, resourceName, configs }) => ({
        resourceType,
        resourceName,
        ...(alter(resourceType, resourceName, configs, true, validateOnly) ?? done),
      })),
    }),
  };
}
