import { randomUUID } from "node:crypto";
import type { ErrorName } from "../protocol/error-codes.ts";
import { GroupMembers, type Member } from "./group-members.ts";
import type { JoinRequest, JoinResult, MemberIdentity, SyncRequest, SyncResult } from "./group-requests.ts";

/**
 * One consumer group, classic protocol (KIP-62, KIP-394; the states are those of Kafka's group coordinator).
 *
 * Empty                no members; offsets may remain. The first join moves it on.
 * PreparingRebalance   members are asked, through heartbeats, to join again. Ends when all have, or when the rebalance timeout
 *                      passes: who has not joined by then is out. An empty group waits a moment for company instead.
 * CompletingRebalance  a new generation exists, the leader computes assignments. Its sync moves on to Stable; members that do
 *                      not sync within the rebalance timeout are out, which begins anew.
 * Stable               everybody has an assignment. A join, a leave or a silent member begins a rebalance.
 * Dead                 deleted; whoever still refers to it is told to look again.
 *
 * A static member (KIP-345) has an instance id that outlives its process: whoever joins with it takes the place and the
 * assignment of its predecessor without a rebalance, and fences it. It leaves only by its session timeout or on demand.
 *
 * A member that waits for an answer to join or sync is alive by that; otherwise it must be heard within its session timeout.
 */
export type GroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

export interface GroupSettings {
  maxGroupMembers: number;
  initialRebalanceDelayMs: number;
}

const nothing = Buffer.alloc(0);

export class Group {
  readonly id: string;
  state: GroupState = "Empty";
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  private leader: string | undefined;
  private readonly members = new GroupMembers();
  /** Told their id, expected to join with it. */
  private readonly pending = new Map<string, NodeJS.Timeout>();
  private phaseTimer: NodeJS.Timeout | undefined;
  private isGathering = false;
  private gatherUntil = 0;
  private newcomers = false;
  private readonly settings: GroupSettings;

  constructor(id: string, settings: GroupSettings) {
    this.id = id;
    this.settings = settings;
  }

  get size(): number {
    return this.members.size;
  }
  get isIdle(): boolean {
    return this.members.size === 0 && this.pending.size === 0;
  }
  has(memberId: string): boolean {
    return this.members.has(memberId);
  }

  join(request: JoinRequest): Promise<JoinResult> | JoinResult {
    const { memberId } = request;
    const refused = (error: ErrorName, id = memberId) => joinRefusal(error, id);
    if (this.state === "Dead") return refused("COORDINATOR_NOT_AVAILABLE");
    if (!this.accepts(request)) return refused("INCONSISTENT_GROUP_PROTOCOL");
    if (request.instanceId !== null && memberId === "") return this.joinAsInstance(request, request.instanceId);
    const fenced = this.members.fencing(request);
    if (fenced !== "NONE") return refused(fenced);
    const known = this.members.get(memberId);
    if (!known) {
      const isPending = this.pending.has(memberId);
      if (memberId !== "" && !isPending) return refused("UNKNOWN_MEMBER_ID");
      if (!isPending && this.members.size + this.pending.size >= this.settings.maxGroupMembers)
        return refused("GROUP_MAX_SIZE_REACHED");
      const id = memberId || `${request.clientId}-${randomUUID()}`;
      if (!isPending && request.canRejoinWithMemberId) {
        this.pending.set(
          id,
          setTimeout(() => this.dropPending(id), request.sessionTimeoutMs),
        );
        return refused("MEMBER_ID_REQUIRED", id);
      }
      this.forgetPending(id);
      return this.admit(id, request);
    }
    const changed = !sameProtocols(known.protocols, request.protocols);
    const isLeader = known.id === this.leader;
    // An answer got lost on the way, most likely: the same generation again.
    if ((this.state === "CompletingRebalance" && !changed) || (this.state === "Stable" && !changed && !isLeader)) {
      this.heard(known);
      return this.joinResult(known);
    }
    this.update(known, request);
    known.answerJoin?.(refused("UNKNOWN_MEMBER_ID"));
    return this.awaitJoin(known);
  }

  private update(member: Member, request: JoinRequest): void {
    member.protocols = request.protocols;
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    member.clientId = request.clientId;
    member.clientHost = request.clientHost;
  }

  /** A process that begins under an instance id: new, or the successor of the one that had it. */
  private joinAsInstance(request: JoinRequest, instanceId: string): Promise<JoinResult> | JoinResult {
    const id = `${instanceId}-${randomUUID()}`;
    const member = this.members.ofInstance(instanceId);
    if (!member) {
      if (this.members.size + this.pending.size >= this.settings.maxGroupMembers)
        return joinRefusal("GROUP_MAX_SIZE_REACHED", "");
      return this.admit(id, request);
    }
    const before = member.id;
    const wasLeader = this.leader === before;
    this.replace(member, id, request);
    // What it subscribes to may have changed; Kafka, too, only looks at which protocol the group would speak.
    if (this.state !== "Stable" || this.members.electProtocol() !== this.protocolName) return this.awaitJoin(member);
    this.heard(member);
    const result = this.joinResult(member);
    if (!wasLeader) return result;
    // In a stable group nobody hears what a leader assigns anew. One that cannot be told so is not told that it leads.
    return request.canSkipAssignment ? { ...result, skipAssignment: true } : { ...result, leader: before, members: [] };
  }

  private replace(member: Member, id: string, request: JoinRequest): void {
    member.answerJoin?.(joinRefusal("FENCED_INSTANCE_ID", member.id));
    member.answerSync?.(this.syncRefusal("FENCED_INSTANCE_ID"));
    member.answerJoin = undefined;
    member.answerSync = undefined;
    if (this.leader === member.id) this.leader = id;
    this.members.rename(member, id);
    this.update(member, request);
  }

  private accepts({ protocolType, protocols }: JoinRequest): boolean {
    if (protocolType === "" || protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    if (protocolType !== this.protocolType) return false;
    const common = this.members.commonProtocols();
    return protocols.some(({ name }) => common.has(name));
  }

  private admit(id: string, request: JoinRequest): Promise<JoinResult> {
    const member: Member = {
      id,
      instanceId: request.instanceId,
      clientId: request.clientId,
      clientHost: request.clientHost,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      protocols: request.protocols,
      assignment: nothing,
      answerJoin: undefined,
      answerSync: undefined,
      expiry: undefined,
    };
    if (this.members.size === 0) this.protocolType = request.protocolType;
    this.members.add(member);
    this.leader ??= id;
    this.newcomers = true;
    return this.awaitJoin(member);
  }

  private awaitJoin(member: Member): Promise<JoinResult> {
    clearTimeout(member.expiry);
    return new Promise((resolve) => {
      member.answerJoin = resolve;
      if (this.state !== "PreparingRebalance") this.prepareRebalance();
      this.completeJoinIfAllHere();
    });
  }

  private prepareRebalance(): void {
    for (const member of this.members.all()) {
      if (!member.answerSync) continue;
      member.answerSync(this.syncRefusal("REBALANCE_IN_PROGRESS"));
      member.answerSync = undefined;
      this.heard(member);
    }
    clearTimeout(this.phaseTimer);
    this.isGathering = this.state === "Empty";
    this.state = "PreparingRebalance";
    if (!this.isGathering) {
      this.phaseTimer = setTimeout(() => this.completeJoin(), this.members.rebalanceTimeoutMs);
      return;
    }
    this.gatherUntil = Date.now() + this.members.rebalanceTimeoutMs;
    this.newcomers = false;
    this.gather();
  }

  private gather(): void {
    const left = Math.max(0, this.gatherUntil - Date.now());
    const delay = Math.min(this.settings.initialRebalanceDelayMs, left);
    this.phaseTimer = setTimeout(() => {
      const goOn = this.newcomers && this.gatherUntil > Date.now();
      this.newcomers = false;
      if (goOn) this.gather();
      else this.completeJoin();
    }, delay);
  }

  private completeJoinIfAllHere(): void {
    if (this.state !== "PreparingRebalance" || this.isGathering || this.pending.size > 0) return;
    for (const member of this.members.all()) if (!member.answerJoin) return;
    this.completeJoin();
  }

  private completeJoin(): void {
    clearTimeout(this.phaseTimer);
    this.isGathering = false;
    // A static member may be away for as long as its session lasts.
    for (const member of this.members.all()) if (!member.answerJoin && member.instanceId === null) this.remove(member);
    const joined = this.members.all().filter(({ answerJoin }) => answerJoin !== undefined);
    if (this.members.size > 0 && joined.length === 0) {
      this.phaseTimer = setTimeout(() => this.completeJoin(), this.members.rebalanceTimeoutMs);
      return;
    }
    this.generationId++;
    if (this.members.size === 0) {
      this.becomeEmpty();
      return;
    }
    if (!joined.some(({ id }) => id === this.leader)) this.leader = joined[0]?.id;
    this.protocolName = this.members.electProtocol();
    this.state = "CompletingRebalance";
    for (const member of this.members.all()) {
      member.assignment = nothing;
      const answer = member.answerJoin;
      if (!answer) continue;
      member.answerJoin = undefined;
      this.heard(member);
      answer(this.joinResult(member));
    }
    this.phaseTimer = setTimeout(() => this.dropUnsynced(), this.members.rebalanceTimeoutMs);
  }

  private joinResult(member: Member): JoinResult {
    const isLeader = member.id === this.leader;
    const members = isLeader
      ? this.members.all().map(({ id, instanceId, protocols }) => ({
          memberId: id,
          groupInstanceId: instanceId,
          metadata: protocols.find(({ name }) => name === this.protocolName)?.metadata ?? nothing,
        }))
      : [];
    return {
      error: "NONE",
      memberId: member.id,
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leader: this.leader ?? "",
      skipAssignment: false,
      members,
    };
  }

  private syncRefusal(error: ErrorName): SyncResult {
    return { error, protocolType: null, protocolName: null, assignment: nothing };
  }

  sync(request: SyncRequest): Promise<SyncResult> | SyncResult {
    const member = this.members.get(request.memberId);
    if (this.state === "Dead") return this.syncRefusal("COORDINATOR_NOT_AVAILABLE");
    const fenced = this.members.fencing(request);
    if (fenced !== "NONE") return this.syncRefusal(fenced);
    if (!member) return this.syncRefusal("UNKNOWN_MEMBER_ID");
    if (request.generationId !== this.generationId) return this.syncRefusal("ILLEGAL_GENERATION");
    if (
      (request.protocolType !== null && request.protocolType !== this.protocolType) ||
      (request.protocolName !== null && request.protocolName !== this.protocolName)
    )
      return this.syncRefusal("INCONSISTENT_GROUP_PROTOCOL");
    if (this.state === "PreparingRebalance") return this.syncRefusal("REBALANCE_IN_PROGRESS");
    if (this.state === "Stable") {
      this.heard(member);
      return this.syncResult(member);
    }
    return new Promise((resolve) => {
      member.answerSync?.(this.syncRefusal("UNKNOWN_MEMBER_ID"));
      member.answerSync = resolve;
      clearTimeout(member.expiry);
      if (member.id === this.leader) this.assign(request.assignments);
    });
  }

  private assign(assignments: SyncRequest["assignments"]): void {
    for (const { memberId, assignment } of assignments) {
      const member = this.members.get(memberId);
      if (member) member.assignment = assignment;
    }
    this.state = "Stable";
    clearTimeout(this.phaseTimer);
    // Members that have not synced yet still have to, within their session: they get their assignment then.
    for (const member of this.members.all()) {
      const answer = member.answerSync;
      if (!answer) continue;
      member.answerSync = undefined;
      this.heard(member);
      answer(this.syncResult(member));
    }
  }

  private syncResult(member: Member): SyncResult {
    return {
      error: "NONE",
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      assignment: member.assignment,
    };
  }

  private dropUnsynced(): void {
    if (this.state !== "CompletingRebalance") return;
    for (const member of this.members.all()) if (!member.answerSync) this.remove(member);
    this.rebalanceAfterLoss();
  }

  heartbeat(identity: MemberIdentity, generationId: number): ErrorName {
    const member = this.members.get(identity.memberId);
    if (this.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
    const fenced = this.members.fencing(identity);
    if (fenced !== "NONE") return fenced;
    if (!member) return "UNKNOWN_MEMBER_ID";
    if (generationId !== this.generationId) return "ILLEGAL_GENERATION";
    this.heard(member);
    return this.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
  }

  /** @returns whether this member may commit offsets now */
  mayCommit(identity: MemberIdentity, generationId: number): ErrorName {
    if (this.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
    // Someone who assigns partitions by himself, or an administrator.
    if (generationId < 0 && this.state === "Empty") return "NONE";
    const verdict = this.verdictOn(identity, generationId);
    if (verdict !== "NONE") return verdict;
    if (this.state === "CompletingRebalance") return "REBALANCE_IN_PROGRESS";
    this.heard(this.members.get(identity.memberId) as Member);
    return "NONE";
  }

  /** The same inside a transaction (KIP-447), where a producer need not say for which member it works. */
  mayCommitInTransaction(identity: MemberIdentity, generationId: number): ErrorName {
    if (this.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
    if (generationId < 0 && identity.memberId === "" && identity.instanceId === null) return "NONE";
    return this.verdictOn(identity, generationId);
  }

  private verdictOn(identity: MemberIdentity, generationId: number): ErrorName {
    const fenced = this.members.fencing(identity);
    if (fenced !== "NONE") return fenced;
    if (!this.members.has(identity.memberId)) return "UNKNOWN_MEMBER_ID";
    return generationId === this.generationId ? "NONE" : "ILLEGAL_GENERATION";
  }

  /** A static member may be named by its instance alone. */
  leave({ memberId, instanceId }: MemberIdentity): ErrorName {
    if (this.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
    if (this.pending.has(memberId)) {
      this.dropPending(memberId);
      return "NONE";
    }
    const id = instanceId !== null && memberId === "" ? (this.members.ofInstance(instanceId)?.id ?? "") : memberId;
    const fenced = this.members.fencing({ memberId: id, instanceId });
    if (fenced !== "NONE") return fenced;
    const member = this.members.get(id);
    if (!member) return "UNKNOWN_MEMBER_ID";
    this.remove(member);
    this.rebalanceAfterLoss();
    return "NONE";
  }

  private heard(member: Member): void {
    clearTimeout(member.expiry);
    if (member.answerJoin || member.answerSync || !this.members.has(member.id)) return;
    member.expiry = setTimeout(() => {
      this.remove(member);
      this.rebalanceAfterLoss();
    }, member.sessionTimeoutMs);
  }

  private remove(member: Member): void {
    clearTimeout(member.expiry);
    this.members.remove(member);
    if (this.leader === member.id) this.leader = undefined;
    member.answerJoin?.({ ...this.joinResult(member), error: "UNKNOWN_MEMBER_ID", generationId: -1 });
    member.answerSync?.(this.syncRefusal("UNKNOWN_MEMBER_ID"));
  }

  private rebalanceAfterLoss(): void {
    if (this.state === "Stable" || this.state === "CompletingRebalance") this.prepareRebalance();
    if (this.members.size === 0 && this.state === "PreparingRebalance" && !this.isGathering) this.completeJoin();
    else this.completeJoinIfAllHere();
  }

  private forgetPending(id: string): void {
    clearTimeout(this.pending.get(id));
    this.pending.delete(id);
  }
  private dropPending(id: string): void {
    this.forgetPending(id);
    this.completeJoinIfAllHere();
  }

  private becomeEmpty(): void {
    this.state = "Empty";
    this.leader = undefined;
    this.protocolName = null;
  }

  /** Ends everything: members are told to look for their coordinator again. */
  close(): void {
    this.state = "Dead";
    clearTimeout(this.phaseTimer);
    for (const id of [...this.pending.keys()]) this.forgetPending(id);
    for (const member of this.members.all()) {
      clearTimeout(member.expiry);
      member.answerJoin?.({ ...this.joinResult(member), error: "COORDINATOR_NOT_AVAILABLE", generationId: -1 });
      member.answerSync?.(this.syncRefusal("COORDINATOR_NOT_AVAILABLE"));
    }
    this.members.clear();
  }

  describe() {
    const isStable = this.state === "Stable";
    return {
      groupId: this.id,
      groupState: this.state,
      protocolType: this.protocolType ?? "",
      protocolData: isStable ? (this.protocolName ?? "") : "",
      members: this.members.all().map((member) => ({
        memberId: member.id,
        groupInstanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        memberMetadata: isStable
          ? (member.protocols.find(({ name }) => name === this.protocolName)?.metadata ?? nothing)
          : nothing,
        memberAssignment: isStable ? member.assignment : nothing,
      })),
    };
  }

  /** What each member says about itself in the protocol in use. */
  memberMetadata(): Buffer[] {
    return this.members.all().flatMap(({ protocols }) => protocols.map(({ metadata }) => metadata));
  }
}

const joinRefusal = (error: ErrorName, memberId: string): JoinResult => ({
  error,
  memberId,
  generationId: -1,
  protocolType: null,
  protocolName: null,
  leader: "",
  skipAssignment: false,
  members: [],
});

const sameProtocols = (a: Member["protocols"], b: Member["protocols"]) =>
  a.length === b.length && a.every(({ name, metadata }, i) => name === b[i]?.name && metadata.equals(b[i].metadata));
