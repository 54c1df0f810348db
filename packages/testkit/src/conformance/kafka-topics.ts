import { expect } from "@jest/globals";
import { ConfigResourceTypes } from "kafkajs";
import { eventually } from "../eventually.ts";
import { errorTypeOf, type KafkaScripts, type KafkaSession } from "./kafka-session.ts";

const create = (session: KafkaSession, topic: string, rest: object = {}) =>
  errorTypeOf(session.admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1, ...rest }] }));

async function configOf(session: KafkaSession, topic: string, name: string) {
  const { resources } = await session.admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
  });
  return resources[0]?.configEntries[0];
}

export const topicScripts: KafkaScripts = {
  "creates a topic with the partitions asked for, each with a leader": async (session) => {
    const topic = await session.topic(3);
    const { topics } = await session.admin.fetchTopicMetadata({ topics: [topic] });
    const { nodeId } = (await session.admin.describeCluster()).brokers[0] ?? {};
    expect(topics[0]?.partitions.map(({ partitionId }) => partitionId).sort()).toEqual([0, 1, 2]);
    for (const { leader, replicas, isr } of topics[0]?.partitions ?? [])
      expect({ leader, replicas, isr }).toEqual({ leader: nodeId, replicas: [nodeId], isr: [nodeId] });
  },
  "lists a topic among all topics": async (session) => {
    const topic = await session.topic();
    expect(await session.admin.listTopics()).toContain(topic);
  },
  "names the cluster, its brokers and its controller": async (session) => {
    const cluster = await session.admin.describeCluster();
    expect(cluster.brokers.length).toBeGreaterThan(0);
    expect(cluster.brokers.map(({ nodeId }) => nodeId)).toContain(cluster.controller);
    expect(cluster.clusterId.length).toBeGreaterThan(10);
  },
  "answers a second creation with 'exists'": async (session) => {
    const topic = await session.topic();
    expect(await session.admin.createTopics({ topics: [{ topic }] })).toBe(false);
  },
  "refuses names that no topic may have": async (session) => {
    for (const name of [".", "..", "a/b", "../x", "a b", "tópico", "x".repeat(250), "a:b", "a\u0000b"])
      expect([name, await create(session, name)]).toEqual([name, "INVALID_TOPIC_EXCEPTION"]);
  },
  "takes a name of 249 characters": async (session) => {
    const topic = session.name().padEnd(249, "x");
    expect(await create(session, topic)).toBe("NONE");
    await eventually("it has a leader", () => session.admin.fetchTopicOffsets(topic));
    await session.send(topic, ["a"]);
    await session.admin.deleteTopics({ topics: [topic] });
  },
  "refuses a name that differs from another only in '.' and '_'": async (session) => {
    const name = session.name();
    expect(await create(session, `${name}.x`)).toBe("NONE");
    expect(await create(session, `${name}_x`)).toBe("INVALID_TOPIC_EXCEPTION");
    await session.admin.deleteTopics({ topics: [`${name}.x`] });
  },
  "refuses no partitions, too many replicas, unknown configs and wrong values": async (session) => {
    const topic = session.name();
    expect(await create(session, topic, { numPartitions: 0 })).toBe("INVALID_PARTITIONS");
    expect(await create(session, topic, { replicationFactor: 9 })).toBe("INVALID_REPLICATION_FACTOR");
    const configured = (name: string, value: string) =>
      create(session, topic, { replicationFactor: 1, configEntries: [{ name, value }] });
    expect(await configured("no.such.config", "1")).toBe("INVALID_CONFIG");
    expect(await configured("max.message.bytes", "many")).toBe("INVALID_CONFIG");
    expect(await configured("cleanup.policy", "burn")).toBe("INVALID_CONFIG");
    expect(await session.admin.listTopics()).not.toContain(topic);
  },
  "only checks when asked to only check": async (session) => {
    const topic = session.name();
    await session.admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic }] });
    expect(await session.admin.listTopics()).not.toContain(topic);
  },
  "forgets a deleted topic, and says so to the next deletion": async (session) => {
    const topic = await session.topic();
    await session.admin.deleteTopics({ topics: [topic] });
    await eventually("forgotten", async () => !(await session.admin.listTopics()).includes(topic));
    expect(await errorTypeOf(session.admin.deleteTopics({ topics: [topic] }))).toBe("UNKNOWN_TOPIC_OR_PARTITION");
  },
  "begins at offset 0 when a deleted topic is made again": async (session) => {
    const topic = await session.topic();
    await session.send(topic, ["a", "b"]);
    await session.admin.deleteTopics({ topics: [topic] });
    await session.admin.createTopics({ waitForLeaders: false, topics: [{ topic }] });
    const isNew = async () => (await session.admin.fetchTopicOffsets(topic))[0]?.high === "0";
    await eventually("a new log", isNew);
    expect(await session.admin.fetchTopicOffsets(topic)).toMatchObject([{ high: "0", low: "0" }]);
  },
  "adds partitions and never takes any away": async (session) => {
    const topic = await session.topic(2);
    const grow = (count: number) => session.admin.createPartitions({ topicPartitions: [{ topic, count }] });
    await grow(4);
    await eventually("four leaders", async () => (await session.admin.fetchTopicOffsets(topic)).length === 4);
    await session.send(topic, ["in the new one"], 3);
    expect(await errorTypeOf(grow(4))).toBe("INVALID_PARTITIONS");
    expect(await errorTypeOf(grow(1))).toBe("INVALID_PARTITIONS");
  },
  "tells a topic's own configs from defaults": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "12345" });
    expect(await configOf(session, topic, "retention.ms")).toMatchObject({ configValue: "12345", isDefault: false });
    expect(await configOf(session, topic, "cleanup.policy")).toMatchObject({ configValue: "delete" });
  },
  "changes the configs of a topic, or refuses to": async (session) => {
    const topic = await session.topic();
    const alter = (name: string, value: string) =>
      session.admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }],
      });
    await alter("retention.ms", "777");
    await eventually("it is changed", async () => {
      return (await configOf(session, topic, "retention.ms"))?.configValue === "777";
    });
    expect(await errorTypeOf(alter("retention.ms", "soon"))).toBe("INVALID_CONFIG");
  },
  "refuses to describe the configs of a topic that is not there": async (session) => {
    expect(await errorTypeOf(configOf(session, session.name(), "retention.ms"))).toBe("UNKNOWN_TOPIC_OR_PARTITION");
  },
  "does not make a topic for a client that forbids it": async (session) => {
    const topic = session.name();
    const producer = await session.producer();
    expect(await errorTypeOf(producer.send({ topic, messages: [{ value: "x" }] }))).toBe("UNKNOWN_TOPIC_OR_PARTITION");
    expect(await session.admin.listTopics()).not.toContain(topic);
  },
};
