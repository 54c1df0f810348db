import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import type { KafkaScripts } from "./kafka-session.ts";
import { apiKeys, Bytes, type WireClient } from "./kafka-wire.ts";

const unknownMember = 25;
const fencedInstance = 82;

interface Place {
  generation: number;
  memberId: string;
}

interface JoinAs {
  instance: string;
  memberId?: string;
  sessionTimeoutMs?: number;
  protocols?: string[];
  metadata?: string;
}

/** JoinGroup version 5, the first with instance ids. */
async function join(client: WireClient, group: string, options: JoinAs) {
  const { instance, memberId = "", sessionTimeoutMs = 10_000, protocols = ["range"], metadata = "" } = options;
  const body = new Bytes().string(group).int32(sessionTimeoutMs).int32(10_000).string(memberId).string(instance);
  body.string("consumer").array(protocols, (name) => body.string(name).bytes(Buffer.from(metadata)));
  const answer = await client.ask(apiKeys.joinGroup, 5, body);
  answer.int32();
  const errorCode = answer.int16();
  const generation = answer.int32();
  answer.string();
  const leader = answer.string() ?? "";
  const own = answer.string() ?? "";
  const members = answer.array(() => {
    const id = answer.string() ?? "";
    const instanceId = answer.string();
    answer.bytes();
    return { memberId: id, instanceId };
  });
  return { errorCode, generation, leader, memberId: own, members };
}

/** SyncGroup version 3. */
async function sync(
  client: WireClient,
  group: string,
  { generation, memberId }: Place,
  instance: string,
  given: Record<string, string> = {},
) {
  const body = new Bytes().string(group).int32(generation).string(memberId).string(instance);
  body.array(Object.entries(given), ([id, value]) => body.string(id).bytes(Buffer.from(value)));
  const answer = await client.ask(apiKeys.syncGroup, 3, body);
  answer.int32();
  return { errorCode: answer.int16(), assignment: answer.bytes()?.toString() };
}

/** Heartbeat version 3. */
async function beat(client: WireClient, group: string, { generation, memberId }: Place, instance: string) {
  const body = new Bytes().string(group).int32(generation).string(memberId).string(instance);
  const answer = await client.ask(apiKeys.heartbeat, 3, body);
  answer.int32();
  return answer.int16();
}

/** LeaveGroup version 3: several members at once. @returns the error of each */
async function leave(client: WireClient, group: string, members: { memberId?: string; instance: string | null }[]) {
  const body = new Bytes().string(group);
  body.array(members, ({ memberId = "", instance }) => body.string(memberId).string(instance));
  const answer = await client.ask(apiKeys.leaveGroup, 3, body);
  answer.int32();
  answer.int16();
  return answer.array(() => {
    answer.string();
    answer.string();
    return answer.int16();
  });
}

/** OffsetCommit version 7 for partition 0. */
async function commit(
  client: WireClient,
  group: string,
  place: Place,
  options: { instance: string; topic: string; offset: number },
) {
  const body = new Bytes().string(group).int32(place.generation).string(place.memberId).string(options.instance);
  body.int32(1).string(options.topic).int32(1).int32(0).int64(options.offset).int32(-1).string(null);
  const answer = await client.ask(apiKeys.offsetCommit, 7, body);
  answer.int32();
  answer.int32();
  answer.string();
  answer.int32();
  answer.int32();
  return answer.int16();
}

/** DescribeGroups version 4. */
async function instancesOf(client: WireClient, group: string) {
  const answer = await client.ask(apiKeys.describeGroups, 4, new Bytes().int32(1).string(group).int8(0));
  answer.int32();
  const [found] = answer.array(() => {
    answer.int16();
    answer.string();
    const state = answer.string();
    answer.string();
    answer.string();
    const instances = answer.array(() => {
      answer.string();
      const instance = answer.string();
      answer.string();
      answer.string();
      answer.bytes();
      answer.bytes();
      return instance;
    });
    answer.int32();
    return { state, instances };
  });
  return found;
}

/** A stable group of one static member, whose assignment is its instance's name. */
async function alone(client: WireClient, group: string, instance: string, options: Partial<JoinAs> = {}) {
  const place = await join(client, group, { instance, ...options });
  await sync(client, group, place, instance, { [place.memberId]: instance });
  return place;
}

export const staticMemberScripts: KafkaScripts = {
  "are not asked to come back with an id": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    const place = await join(client, group, { instance: "a" });
    expect(place).toMatchObject({ errorCode: 0, leader: place.memberId });
    expect(place.members).toEqual([{ memberId: place.memberId, instanceId: "a" }]);
    await leave(client, group, [{ instance: "a" }]);
  },
  "get their assignment back after a restart, without a rebalance": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    const before = await alone(client, group, "a");
    const after = await join(client, group, { instance: "a" });
    expect(after).toMatchObject({ errorCode: 0, generation: before.generation });
    expect(after.memberId).not.toBe(before.memberId);
    expect(await sync(client, group, after, "a")).toEqual({ errorCode: 0, assignment: "a" });
    expect(await beat(client, group, after, "a")).toBe(0);
    await leave(client, group, [{ instance: "a" }]);
  },
  "are not told that they lead when they come back to a stable group": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    const before = await alone(client, group, "a");
    expect(await join(client, group, { instance: "a" })).toMatchObject({ leader: before.memberId, members: [] });
    await leave(client, group, [{ instance: "a" }]);
  },
  "fence their predecessor in every request": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    const old = await alone(client, group, "a");
    await join(client, group, { instance: "a" });
    expect(await beat(client, group, old, "a")).toBe(fencedInstance);
    expect((await sync(client, group, old, "a")).errorCode).toBe(fencedInstance);
    expect(await commit(client, group, old, { instance: "a", topic, offset: 1 })).toBe(fencedInstance);
    expect((await join(client, group, { instance: "a", memberId: old.memberId })).errorCode).toBe(fencedInstance);
    expect(await leave(client, group, [{ instance: "a", memberId: old.memberId }])).toEqual([fencedInstance]);
    expect(await leave(client, group, [{ instance: "a" }])).toEqual([0]);
  },
  "commit under their instance": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    const place = await alone(client, group, "a");
    expect(await commit(client, group, place, { instance: "a", topic, offset: 4 })).toBe(0);
    expect(await commit(client, group, place, { instance: "other", topic, offset: 5 })).toBe(unknownMember);
    const [found] = await session.admin.fetchOffsets({ groupId: group, topics: [topic] });
    expect(found?.partitions[0]?.offset).toBe("4");
    await leave(client, group, [{ instance: "a" }]);
  },
  "are unknown under an instance that never joined": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    const place = await alone(client, group, "a");
    expect(await beat(client, group, place, "b")).toBe(unknownMember);
    expect((await join(client, group, { instance: "b", memberId: place.memberId })).errorCode).toBe(unknownMember);
    expect(await leave(client, group, [{ instance: "b" }])).toEqual([unknownMember]);
    await leave(client, group, [{ instance: "a" }]);
  },
  "can be removed by an administrator, several at once": async (session) => {
    const [one, two] = [await session.wire(), await session.wire()];
    const group = session.name("group");
    const first = await alone(one, group, "a");
    const joining = join(two, group, { instance: "b" });
    await eventually("rebalance", async () => (await beat(one, group, first, "a")) === 27);
    await Promise.all([joining, join(one, group, { instance: "a", memberId: first.memberId })]);
    const members = [{ instance: "a" }, { instance: "nobody" }, { instance: "b" }];
    expect(await leave(one, group, members)).toEqual([0, unknownMember, 0]);
    await eventually("empty", async () => (await instancesOf(one, group))?.state === "Empty");
  },
  "are described with their instance": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    await alone(client, group, "a");
    expect(await instancesOf(client, group)).toEqual({ state: "Stable", instances: ["a"] });
    await leave(client, group, [{ instance: "a" }]);
  },
  "begin a rebalance when they prefer another protocol, not when they subscribe to something else": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    const before = await alone(client, group, "a", { metadata: "one" });
    const same = await join(client, group, { instance: "a", metadata: "two" });
    expect(same).toMatchObject({ errorCode: 0, generation: before.generation });
    const after = await join(client, group, { instance: "a", protocols: ["other", "range"] });
    expect(after).toMatchObject({ errorCode: 0, generation: before.generation + 1, leader: after.memberId });
    await leave(client, group, [{ instance: "a" }]);
  },
  "keep their place while they are away, until their session ends": async (session) => {
    const client = await session.wire();
    const group = session.name("group");
    const sessionTimeoutMs = 6000;
    await alone(client, group, "a", { sessionTimeoutMs });
    expect(await instancesOf(client, group)).toEqual({ state: "Stable", instances: ["a"] });
    const isGone = async () => (await instancesOf(client, group))?.state === "Empty";
    await eventually("session over", isGone, { timeoutMs: 20_000 });
  },
  "share a group with others": async (session) => {
    const [one, two] = [await session.wire(), await session.wire()];
    const group = session.name("group");
    const first = await alone(one, group, "a");
    const joining = join(two, group, { instance: "b" });
    await eventually("rebalance", async () => (await beat(one, group, first, "a")) === 27);
    const again = await join(one, group, { instance: "a", memberId: first.memberId });
    const second = await joining;
    expect(again.members.map(({ instanceId }) => instanceId).sort()).toEqual(["a", "b"]);
    const given = { [again.memberId]: "for a", [second.memberId]: "for b" };
    const waiting = sync(two, group, second, "b");
    expect(await sync(one, group, again, "a", given)).toEqual({ errorCode: 0, assignment: "for a" });
    expect(await waiting).toEqual({ errorCode: 0, assignment: "for b" });
    await leave(one, group, [{ instance: "a" }, { instance: "b" }]);
  },
};
