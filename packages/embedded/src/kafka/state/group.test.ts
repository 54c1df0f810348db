import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Group } from "./group.ts";
import type { JoinRequest, JoinResult } from "./group-requests.ts";

const settings = { maxGroupMembers: 3, initialRebalanceDelayMs: 50 };
const request = (rest: Partial<JoinRequest> = {}): JoinRequest => ({
  memberId: "",
  instanceId: null,
  clientId: "c",
  clientHost: "/127.0.0.1",
  sessionTimeoutMs: 1000,
  rebalanceTimeoutMs: 3000,
  protocolType: "consumer",
  protocols: [{ name: "range", metadata: Buffer.from("m") }],
  canRejoinWithMemberId: false,
  canSkipAssignment: false,
  ...rest,
});
const sync = (
  { memberId, generationId }: JoinResult,
  assignments: Record<string, string> = {},
  instanceId: string | null = null,
) => ({
  memberId,
  instanceId,
  generationId,
  protocolType: null,
  protocolName: null,
  assignments: Object.entries(assignments).map(([id, text]) => ({ memberId: id, assignment: Buffer.from(text) })),
});

const dynamic = (memberId: string) => ({ memberId, instanceId: null });

let group: Group;
beforeEach(() => {
  jest.useFakeTimers();
  group = new Group("g", settings);
});
afterEach(() => {
  group.close();
  jest.useRealTimers();
});

/** Members that joined together; the first leads. */
async function joined(count: number, rest: Partial<JoinRequest> = {}): Promise<JoinResult[]> {
  const joins = Array.from({ length: count }, () => group.join(request(rest)));
  await jest.advanceTimersByTimeAsync(200);
  return Promise.all(joins);
}
async function stable(count: number, rest: Partial<JoinRequest> = {}): Promise<JoinResult[]> {
  const members = await joined(count, rest);
  await Promise.all(members.toReversed().map((member) => group.sync(sync(member))));
  expect(group.state).toBe("Stable");
  return members;
}

describe("consumer group", () => {
  it("waits a moment for company before its first generation", async () => {
    const members = await joined(2);
    expect(members.map(({ error, generationId }) => [error, generationId])).toEqual([
      ["NONE", 1],
      ["NONE", 1],
    ]);
    expect(members[0]?.leader).toBe(members[0]?.memberId);
    expect(members.map((member) => member.members.length)).toEqual([2, 0]);
    expect(group.state).toBe("CompletingRebalance");
  });

  it("answers followers when the leader has decided", async () => {
    const [leader, follower] = (await joined(2)) as [JoinResult, JoinResult];
    const waiting = group.sync(sync(follower));
    await group.sync(sync(leader, { [follower.memberId]: "yours", [leader.memberId]: "mine" }));
    expect(await waiting).toMatchObject({ error: "NONE", assignment: Buffer.from("yours") });
    expect(group.state).toBe("Stable");
    expect(await group.sync(sync(follower))).toMatchObject({ assignment: Buffer.from("yours") });
  });

  it("makes members join again when one comes, and counts the generation up", async () => {
    const [first] = (await stable(1)) as [JoinResult];
    const newcomer = group.join(request());
    expect(group.state).toBe("PreparingRebalance");
    expect(group.heartbeat(dynamic(first.memberId), 1)).toBe("REBALANCE_IN_PROGRESS");
    expect(group.mayCommit(dynamic(first.memberId), 1)).toBe("NONE");
    const again = await group.join(request({ memberId: first.memberId }));
    expect([again.generationId, (await newcomer).generationId]).toEqual([2, 2]);
    expect(group.mayCommit(dynamic(first.memberId), 2)).toBe("REBALANCE_IN_PROGRESS");
    expect(group.heartbeat(dynamic(first.memberId), 1)).toBe("ILLEGAL_GENERATION");
  });

  it("goes on without a member that does not join again in time", async () => {
    const [silent] = (await stable(1, { sessionTimeoutMs: 60_000 })) as [JoinResult];
    const newcomer = group.join(request({ rebalanceTimeoutMs: 3000 }));
    await jest.advanceTimersByTimeAsync(2900);
    expect(group.size).toBe(2);
    await jest.advanceTimersByTimeAsync(200);
    expect((await newcomer).members).toHaveLength(1);
    expect(group.heartbeat(dynamic(silent.memberId), 2)).toBe("UNKNOWN_MEMBER_ID");
  });

  it("drops a member that falls silent, and only then", async () => {
    const [first, second] = (await stable(2)) as [JoinResult, JoinResult];
    for (let i = 0; i < 3; i++) {
      await jest.advanceTimersByTimeAsync(900);
      expect(group.heartbeat(dynamic(first.memberId), 1)).toBe(i === 0 ? "NONE" : "REBALANCE_IN_PROGRESS");
      if (i === 0) expect(group.has(second.memberId)).toBe(true);
    }
    expect(group.has(second.memberId)).toBe(false);
  });

  it("does not count time spent waiting for an answer as silence", async () => {
    const [leader, follower] = (await joined(2)) as [JoinResult, JoinResult];
    const waiting = group.sync(sync(follower));
    for (let i = 0; i < 3; i++) {
      await jest.advanceTimersByTimeAsync(700);
      group.heartbeat(dynamic(leader.memberId), 1);
    }
    await group.sync(sync(leader));
    expect(await waiting).toMatchObject({ error: "NONE" });
  });

  it("begins anew when the leader never decides", async () => {
    const [leader, follower] = (await joined(2, { sessionTimeoutMs: 60_000 })) as [JoinResult, JoinResult];
    const waiting = group.sync(sync(follower));
    await jest.advanceTimersByTimeAsync(3100);
    expect(await waiting).toMatchObject({ error: "REBALANCE_IN_PROGRESS" });
    expect(group.has(leader.memberId)).toBe(false);
    expect(await group.join(request({ memberId: follower.memberId }))).toMatchObject({
      generationId: 2,
      leader: follower.memberId,
    });
  });

  it("is empty when the last member leaves, and keeps counting generations", async () => {
    const [only] = (await stable(1)) as [JoinResult];
    expect(group.leave(dynamic(only.memberId))).toBe("NONE");
    expect(group.state).toBe("Empty");
    expect(group.leave(dynamic(only.memberId))).toBe("UNKNOWN_MEMBER_ID");
    expect((await joined(1))[0]?.generationId).toBeGreaterThan(1);
  });

  it("expects a member that was told its id, and forgets it when it does not come (KIP-394)", async () => {
    const told = (await group.join(request({ canRejoinWithMemberId: true }))) as JoinResult;
    expect(told.error).toBe("MEMBER_ID_REQUIRED");
    expect(group.isIdle).toBe(false);
    await jest.advanceTimersByTimeAsync(1100);
    expect(group.isIdle).toBe(true);
    expect(await group.join(request({ memberId: told.memberId }))).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
  });

  it("repeats its answer to a member that asks again in the same generation", async () => {
    const [leader, follower] = (await stable(2)) as [JoinResult, JoinResult];
    expect(await group.join(request({ memberId: follower.memberId }))).toMatchObject({
      error: "NONE",
      generationId: 1,
    });
    expect(group.state).toBe("Stable");
    void group.join(request({ memberId: leader.memberId }));
    expect(group.state).toBe("PreparingRebalance");
  });

  it("elects the protocol that most members prefer among those all speak", async () => {
    const protocols = (...names: string[]) => ({
      protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
    });
    const joins = [protocols("a", "b", "c"), protocols("b", "a"), protocols("b", "a")].map((rest) =>
      group.join(request(rest)),
    );
    await jest.advanceTimersByTimeAsync(200);
    expect((await joins[0])?.protocolName).toBe("b");
    expect(await group.join(request(protocols("c")))).toMatchObject({ error: "INCONSISTENT_GROUP_PROTOCOL" });
  });

  it("has a bound", async () => {
    await joined(3);
    expect(await group.join(request())).toMatchObject({ error: "GROUP_MAX_SIZE_REACHED" });
  });

  it("lets anyone commit while it is empty, and only members otherwise", async () => {
    expect(group.mayCommit(dynamic(""), -1)).toBe("NONE");
    const [member] = (await stable(1)) as [JoinResult];
    expect(group.mayCommit(dynamic(""), -1)).toBe("UNKNOWN_MEMBER_ID");
    expect(group.mayCommit(dynamic(member.memberId), 0)).toBe("ILLEGAL_GENERATION");
    expect(group.mayCommit(dynamic(member.memberId), 1)).toBe("NONE");
  });

  describe("with static members", () => {
    const instance = (instanceId: string) => request({ instanceId });
    async function stableInstances(...ids: string[]): Promise<JoinResult[]> {
      const joins = ids.map((id) => group.join(instance(id)));
      await jest.advanceTimersByTimeAsync(200);
      const members = await Promise.all(joins);
      const mine = Object.fromEntries(members.map(({ memberId }, index) => [memberId, ids[index] as string]));
      await Promise.all(members.toReversed().map((one) => group.sync(sync(one, mine))));
      return members;
    }

    it("gives a successor its predecessor's assignment without a rebalance, and fences the predecessor", async () => {
      const [, before] = (await stableInstances("a", "b")) as [JoinResult, JoinResult];
      const after = await group.join(instance("b"));
      expect(after).toMatchObject({ error: "NONE", generationId: 1 });
      expect(after.memberId).not.toBe(before.memberId);
      expect(group.state).toBe("Stable");
      expect(await group.sync(sync(after, {}, "b"))).toMatchObject({ assignment: Buffer.from("b") });
      expect(group.heartbeat({ memberId: before.memberId, instanceId: "b" }, 1)).toBe("FENCED_INSTANCE_ID");
      expect(group.mayCommit({ memberId: before.memberId, instanceId: "b" }, 1)).toBe("FENCED_INSTANCE_ID");
      expect(await group.join({ ...instance("b"), memberId: before.memberId })).toMatchObject({
        error: "FENCED_INSTANCE_ID",
      });
    });

    it("does not ask a leader that came back to assign again", async () => {
      const [leader] = (await stableInstances("a", "b")) as [JoinResult];
      const older = await group.join(instance("a"));
      expect(older).toMatchObject({ leader: leader.memberId, members: [], skipAssignment: false });
      const newer = await group.join({ ...instance("a"), canSkipAssignment: true });
      expect(newer).toMatchObject({ leader: newer.memberId, skipAssignment: true });
      expect(newer.members).toHaveLength(2);
    });

    it("rebalances when a successor speaks another protocol than its predecessor", async () => {
      await stableInstances("a");
      void group.join({ ...instance("a"), protocols: [{ name: "range", metadata: Buffer.from("other") }] });
      expect(group.state).toBe("Stable");
      void group.join({
        ...instance("a"),
        protocols: ["other", "range"].map((name) => ({ name, metadata: Buffer.from("m") })),
      });
      expect(group.state).toBe("CompletingRebalance");
      expect(group.generationId).toBe(2);
    });

    it("keeps the place of one that is away until its session ends", async () => {
      const [first, away] = (await stableInstances("a", "b")) as [JoinResult, JoinResult];
      const keepAlive = () => group.heartbeat({ memberId: first.memberId, instanceId: "a" }, 1);
      await jest.advanceTimersByTimeAsync(900);
      expect(keepAlive()).toBe("NONE");
      expect(group.has(away.memberId)).toBe(true);
      await jest.advanceTimersByTimeAsync(200);
      expect(group.has(away.memberId)).toBe(false);
      expect(keepAlive()).toBe("REBALANCE_IN_PROGRESS");
    });

    it("lets one be removed by its instance alone", async () => {
      const [, other] = (await stableInstances("a", "b")) as [JoinResult, JoinResult];
      expect(group.leave({ memberId: "wrong", instanceId: "b" })).toBe("FENCED_INSTANCE_ID");
      expect(group.leave({ memberId: "", instanceId: "c" })).toBe("UNKNOWN_MEMBER_ID");
      expect(group.leave({ memberId: "", instanceId: "b" })).toBe("NONE");
      expect(group.has(other.memberId)).toBe(false);
    });
  });
});
