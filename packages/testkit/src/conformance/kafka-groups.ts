import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import { errorTypeOf, type KafkaScripts, type KafkaSession } from "./kafka-session.ts";
import {
  commitOffset,
  deleteOffset,
  heartbeat,
  joinGroup,
  leaveGroup,
  syncGroup,
  type WireClient,
} from "./kafka-wire.ts";

/** A consumer that remembers what it read and which partitions it has. */
async function listen(session: KafkaSession, group: string, topic: string) {
  const consumer = await session.consumer(group);
  const seen: string[] = [];
  let assigned: number[] = [];
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = payload.memberAssignment[topic] ?? [];
  });
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      seen.push(message.value?.toString() ?? "");
    },
  });
  return { consumer, seen, assigned: () => assigned };
}

const offsetOf = async (session: KafkaSession, groupId: string, topic: string) =>
  (await session.admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0];

const stateOf = async (session: KafkaSession, group: string) =>
  (await session.admin.describeGroups([group])).groups[0]?.state;

/** Joins an empty group and gets its own assignment: the group is stable then. */
async function soleMember(client: WireClient, group: string, sessionTimeoutMs = 10_000) {
  const joined = await joinGroup(client, { group, sessionTimeoutMs });
  await syncGroup(client, group, joined, { [joined.memberId]: "all" });
  return joined;
}

export const groupScripts: KafkaScripts = {
  "gives a single member every partition, from the beginning": async (session) => {
    const topic = await session.topic(3);
    for (const partition of [0, 1, 2]) await session.send(topic, [`p${partition}`], partition);
    const { seen, assigned } = await listen(session, session.name("group"), topic);
    await eventually("three records", () => seen.length === 3);
    expect([seen.sort(), assigned().sort()]).toEqual([
      ["p0", "p1", "p2"],
      [0, 1, 2],
    ]);
  },
  "shares partitions among members and gives them back when one leaves": async (session) => {
    const topic = await session.topic(4);
    const group = session.name("group");
    const first = await listen(session, group, topic);
    await eventually("the first has all", () => first.assigned().length === 4);
    const second = await listen(session, group, topic);
    await eventually("each has two", () => first.assigned().length === 2 && second.assigned().length === 2);
    expect([...first.assigned(), ...second.assigned()].sort()).toEqual([0, 1, 2, 3]);
    await second.consumer.stop();
    await second.consumer.disconnect();
    await eventually("the first has all again", () => first.assigned().length === 4);
  },
  "goes on where the group stopped": async (session) => {
    const topic = await session.topic();
    const group = session.name("group");
    await session.send(topic, ["a", "b"]);
    await session.read(topic, 2, group);
    await session.send(topic, ["c"]);
    const [next] = await session.read(topic, 1, group);
    expect(next?.value?.toString()).toBe("c");
  },
  "lets groups read independently of each other": async (session) => {
    const topic = await session.topic();
    await session.send(topic, ["a", "b"]);
    const counts = await Promise.all([1, 2, 3].map(async () => (await session.read(topic, 2)).length));
    expect(counts).toEqual([2, 2, 2]);
  },
  "keeps offset and metadata of a commit": async (session) => {
    const topic = await session.topic(2);
    const groupId = session.name("group");
    const consumer = await session.consumer(groupId, {});
    await consumer.subscribe({ topic });
    await consumer.run({ autoCommit: false, eachMessage: async () => {} });
    await eventually("joined", async () => (await stateOf(session, groupId)) === "Stable");
    await consumer.commitOffsets([{ topic, partition: 1, offset: "5", metadata: "why" }]);
    const [found] = await session.admin.fetchOffsets({ groupId, topics: [topic] });
    expect(found?.partitions.find(({ partition }) => partition === 1)).toMatchObject({ offset: "5", metadata: "why" });
    expect(found?.partitions.find(({ partition }) => partition === 0)).toMatchObject({ offset: "-1" });
  },
  "lets an administrator move the offsets of an empty group": async (session) => {
    const topic = await session.topic();
    const groupId = session.name("group");
    await session.send(topic, ["a", "b", "c"]);
    await session.read(topic, 3, groupId);
    await eventually("empty", async () => (await stateOf(session, groupId)) === "Empty");
    await session.admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "1" }] });
    expect(await offsetOf(session, groupId, topic)).toMatchObject({ offset: "1" });
    const [first] = await session.read(topic, 1, groupId);
    expect(first?.value?.toString()).toBe("b");
  },
  "lists and describes a group with its member": async (session) => {
    const topic = await session.topic();
    const group = session.name("group");
    const { assigned } = await listen(session, group, topic);
    await eventually("assigned", () => assigned().length === 1);
    const { groups } = await session.admin.listGroups();
    expect(groups).toContainEqual({ groupId: group, protocolType: "consumer" });
    const [described] = (await session.admin.describeGroups([group])).groups;
    expect(described).toMatchObject({ errorCode: 0, state: "Stable", protocolType: "consumer" });
    expect(described?.members).toHaveLength(1);
    expect(described?.members[0]).toMatchObject({ clientId: "conformance" });
    expect(described?.members[0]?.memberAssignment.length).toBeGreaterThan(0);
  },
  "calls a group that never was dead": async (session) => {
    expect(await stateOf(session, session.name("group"))).toBe("Dead");
  },
  "deletes a group only when it is empty": async (session) => {
    const topic = await session.topic();
    const group = session.name("group");
    const { consumer, assigned } = await listen(session, group, topic);
    await eventually("assigned", () => assigned().length === 1);
    expect(await errorTypeOf(session.admin.deleteGroups([group]))).toMatch(/NON_EMPTY_GROUP|DeleteGroups/);
    await consumer.disconnect();
    await session.admin.deleteGroups([group]);
    expect(await stateOf(session, group)).toBe("Dead");
  },
  "asks new members to come back with the id it gives them (KIP-394)": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    const first = await joinGroup(client, { group, version: 4 });
    expect(first.errorCode).toBe(79);
    expect(first.memberId).not.toBe("");
    const second = await joinGroup(client, { group, version: 4, memberId: first.memberId });
    expect(second).toMatchObject({ errorCode: 0, memberId: first.memberId, leader: first.memberId });
    await leaveGroup(client, group, first.memberId);
  },
  "hands the leader's assignment to each member, byte for byte": async (session) => {
    const [one, two] = [await session.wire(), await session.wire()];
    const group = session.name("group");
    // Two that join at once may come into one generation or into two: here the second one joins the first one's.
    const first = await soleMember(one, group);
    const joining = joinGroup(two, { group });
    await eventually("a rebalance", async () => (await heartbeat(one, group, first.generation, first.memberId)) === 27);
    const [a, b] = await Promise.all([joinGroup(one, { group, memberId: first.memberId }), joining]);
    expect(a.generation).toBe(b.generation);
    const leader = a.leader === a.memberId ? a : b;
    expect(leader.members.map(({ memberId }) => memberId).sort()).toEqual([a.memberId, b.memberId].sort());
    const assignments = { [a.memberId]: "for a", [b.memberId]: "for b" };
    const synced = await Promise.all([
      syncGroup(one, group, a, leader === a ? assignments : {}),
      syncGroup(two, group, b, leader === b ? assignments : {}),
    ]);
    expect(synced).toEqual([
      { errorCode: 0, assignment: "for a" },
      { errorCode: 0, assignment: "for b" },
    ]);
    await Promise.all([leaveGroup(one, group, a.memberId), leaveGroup(two, group, b.memberId)]);
  },
  "tells members through heartbeats that a rebalance has begun": async (session) => {
    const [one, two] = [await session.wire(), await session.wire()];
    const group = session.name("group");
    const { generation, memberId } = await soleMember(one, group);
    expect(await heartbeat(one, group, generation, memberId)).toBe(0);
    const joining = joinGroup(two, { group });
    await eventually("rebalance", async () => (await heartbeat(one, group, generation, memberId)) === 27);
    const again = await joinGroup(one, { group, memberId });
    const newcomer = await joining;
    expect([again.generation, newcomer.generation]).toEqual([generation + 1, generation + 1]);
    expect(await heartbeat(one, group, generation, memberId)).toBe(22);
    await Promise.all([leaveGroup(one, group, memberId), leaveGroup(two, group, newcomer.memberId)]);
  },
  "takes partitions away from a member that falls silent": async (session) => {
    const [silent, other] = [await session.wire(), await session.wire()];
    const group = session.name("group");
    const lost = await soleMember(silent, group, 6000);
    silent.close();
    const next = await joinGroup(other, { group, sessionTimeoutMs: 6000, rebalanceTimeoutMs: 20_000 });
    expect(next).toMatchObject({ errorCode: 0, leader: next.memberId });
    expect(next.members).toHaveLength(1);
    expect(await heartbeat(other, group, lost.generation, lost.memberId)).toBe(25);
    await leaveGroup(other, group, next.memberId);
  },
  "refuses members that do not speak what the others speak": async (session) => {
    const [one, two] = [await session.wire(), await session.wire()];
    const group = session.name("group");
    const { memberId } = await soleMember(one, group);
    expect((await joinGroup(two, { group, protocols: ["other"] })).errorCode).toBe(23);
    await leaveGroup(one, group, memberId);
  },
  "refuses empty group names, absurd session timeouts and unknown members": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    expect((await joinGroup(client, { group: "" })).errorCode).toBe(24);
    expect((await joinGroup(client, { group, sessionTimeoutMs: 1 })).errorCode).toBe(26);
    expect((await joinGroup(client, { group, sessionTimeoutMs: 2 ** 31 - 1 })).errorCode).toBe(26);
    expect((await joinGroup(client, { group, memberId: "nobody" })).errorCode).toBe(25);
    expect(await heartbeat(client, group, 1, "nobody")).toBe(25);
    expect((await syncGroup(client, group, { generation: 1, memberId: "nobody" })).errorCode).toBe(25);
    expect(await leaveGroup(client, group, "nobody")).toBe(25);
  },
  "fences commits by generation and member": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    const { generation, memberId } = await soleMember(client, group);
    const commit = (rest: object) => commitOffset(client, { group, topic, generation, memberId, offset: 9, ...rest });
    expect(await commit({ generation: generation - 1 })).toBe(22);
    expect(await commit({ generation: generation + 1 })).toBe(22);
    expect(await commit({ memberId: "nobody" })).toBe(25);
    expect(await commit({ generation: -1, memberId: "" })).toBe(25);
    expect(await offsetOf(session, group, topic)).toMatchObject({ offset: "-1" });
    expect(await commit({})).toBe(0);
    expect(await offsetOf(session, group, topic)).toMatchObject({ offset: "9" });
    await leaveGroup(client, group, memberId);
  },
  "takes commits from outside while the group is empty": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    expect(await commitOffset(client, { group, topic, offset: 3 })).toBe(0);
    expect(await commitOffset(client, { group, topic: session.name(), offset: 3 })).toBe(3);
    expect(await commitOffset(client, { group, topic, metadata: "x".repeat(5000) })).toBe(12);
    expect(await offsetOf(session, group, topic)).toMatchObject({ offset: "3" });
  },
  "deletes single offsets of a group (KIP-496)": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    await commitOffset(client, { group, topic, offset: 3 });
    expect(await deleteOffset(client, group, topic)).toEqual({ errorCode: 0, partitionError: 0 });
    expect(await offsetOf(session, group, topic)).toMatchObject({ offset: "-1" });
    expect((await deleteOffset(client, session.name("group"), topic)).errorCode).toBe(69);
  },
  "forgets the offsets of a deleted topic": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    await commitOffset(client, { group, topic, offset: 3 });
    await session.admin.deleteTopics({ topics: [topic] });
    await session.admin.createTopics({ waitForLeaders: false, topics: [{ topic }] });
    await eventually("gone", async () => (await offsetOf(session, group, topic))?.offset === "-1");
  },
};
