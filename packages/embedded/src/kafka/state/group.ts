import { randomUUID } from "node:crypto";
import type { ErrorName } from "../protocol/error-codes.ts";

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
 * A member that waits for an answer to join or sync is alive by that; otherwise it must be heard within its session timeout.
 */
export type GroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

export interface GroupSettings {
  maxGroupMembers: number;
  initialRebalanceDelayMs: number;
}
export interface JoinRequest {
  memberId: string;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocolType: string;
  protocols: { name: string; metadata: Buffer }[];
  canRejoinWithMemberId: boolean;
}
export interface JoinResult {
  error: ErrorName;
  memberId: string;
  generationId: number;
  protocolType: string | null;
  protocolName: string | null;
  leader: string;
  /** Only for the leader. */
  members: { memberId: string; metadata: Buffer }[];
}
export interface SyncRequest {
  memberId: string;
  generationId: number;
  protocolType: string | null;
  protocolName: string | null;
  assignments: { memberId: string; assignment: Buffer }[];
}
export interface SyncResult {
  error: ErrorName;
  protocolType: string | null;
  protocolName: string | null;
  assignment: Buffer;
}

interface Member {
  id: string;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: { name: string; metadata: Buffer }[];
  assignment: Buffer;
  answerJoin: ((result: JoinResult) => void) | undefined;
  answerSync: ((result: SyncResult) => void) | undefined;
  expiry: NodeJS.Timeout | undefined;
}

const nothing = Buffer.alloc(0);

export class Group {
  readonly id: string;
  state: GroupState = "Empty";
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  private leader: string | undefined;
  private readonly members = new Map<string, Member>();
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
    const refused = (error: ErrorName, id = memberId): JoinResult => ({
      error,
      memberId: id,
      generationId: -1,
      protocolType: null,
      protocolName: null,
      leader: "",
      members: [],
    });
    if (this.state === "Dead") return refused("COORDINATOR_NOT_AVAILABLE");
    if (!this.accepts(request)) return refused("INCONSISTENT_GROUP_PROTOCOL");
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
    known.protocols = request.protocols;
    known.sessionTimeoutMs = request.sessionTimeoutMs;
    known.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    known.answerJoin?.(refused("UNKNOWN_MEMBER_ID"));
    return this.awaitJoin(known);
  }

  private accepts({ protocolType, protocols }: JoinRequest): boolean {
    if (protocolType === "" || protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    if (protocolType !== this.protocolType) return false;
    const common = this.commonProtocols();
    return protocols.some(({ name }) => common.has(name));
  }

  private commonProtocols(): Set<string> {
    const members = [...this.members.values()];
    const names = members[0]?.protocols.map(({ name }) => name) ?? [];
    return new Set(names.filter((name) => members.every((m) => m.protocols.some((p) => p.name === name))));
  }

  private admit(id: string, request: JoinRequest): Promise<JoinResult> {
    const member: Member = {
      id,
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
    this.members.set(id, member);
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
    for (const member of this.members.values()) {
      if (!member.answerSync) continue;
      member.answerSync(this.syncRefusal("REBALANCE_IN_PROGRESS"));
      member.answerSync = undefined;
      this.heard(member);
    }
    clearTimeout(this.phaseTimer);
    this.isGathering = this.state === "Empty";
    this.state = "PreparingRebalance";
    if (!this.isGathering) {
      this.phaseTimer = setTimeout(() => this.completeJoin(), this.rebalanceTimeoutMs);
      return;
    }
    this.gatherUntil = Date.now() + this.rebalanceTimeoutMs;
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

  private get rebalanceTimeoutMs(): number {
    return Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeoutMs));
  }

  private completeJoinIfAllHere(): void {
    if (this.state !== "PreparingRebalance" || this.isGathering || this.pending.size > 0) return;
    for (const member of this.members.values()) if (!member.answerJoin) return;
    this.completeJoin();
  }

  private completeJoin(): void {
    clearTimeout(this.phaseTimer);
    this.isGathering = false;
    for (const member of this.members.values()) if (!member.answerJoin) this.remove(member);
    this.generationId++;
    if (this.members.size === 0) {
      this.becomeEmpty();
      return;
    }
    if (this.leader === undefined || !this.members.has(this.leader)) this.leader = this.members.keys().next().value;
    this.protocolName = this.electProtocol();
    this.state = "CompletingRebalance";
    for (const member of this.members.values()) {
      member.assignment = nothing;
      const answer = member.answerJoin;
      member.answerJoin = undefined;
      this.heard(member);
      answer?.(this.joinResult(member));
    }
    this.phaseTimer = setTimeout(() => this.dropUnsynced(), this.rebalanceTimeoutMs);
  }

  /** Each member votes for the first of its protocols that all can speak. */
  private electProtocol(): string {
    const common = this.commonProtocols();
    const votes = new Map<string, number>();
    for (const { protocols } of this.members.values()) {
      const choice = protocols.find(({ name }) => common.has(name))?.name as string;
      votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
  }

  private joinResult(member: Member): JoinResult {
    const isLeader = member.id === this.leader;
    const members = isLeader
      ? [...this.members.values()].map(({ id, protocols }) => ({
          memberId: id,
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
      members,
    };
  }

  private syncRefusal(error: ErrorName): SyncResult {
    return { error, protocolType: null, protocolName: null, assignment: nothing };
  }

  sync(request: SyncRequest): Promise<SyncResult> | SyncResult {
    const member = this.members.get(request.memberId);
    if (this.state === "Dead") return this.syncRefusal("COORDINATOR_NOT_AVAILABLE");
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
    for (const member of this.members.values()) {
      const answer = member.answerSync;
      member.answerSync = undefined;
      this.heard(member);
      answer?.(this.syncResult(member));
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
    for (const member of this.members.values()) if (!member.answerSync) this.remove(member);
    this.rebalanceAfterLoss();
  }

  heartbeat(memberId: string, generationId: number): ErrorName {
    const member = this.members.get(memberId);
    if (this.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
    if (!member) return "UNKNOWN_MEMBER_ID";
    if (generationId !== this.generationId) return "ILLEGAL_GENERATION";
    this.heard(member);
    return this.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
  }

  /** @returns whether this member may commit offsets now */
  mayCommit(memberId: string, generationId: number): ErrorName {
    if (this.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
    // Someone who assigns partitions by himself, or an administrator.
    if (generationId < 0 && this.state === "Empty") return "NONE";
    const member = this.members.get(memberId);
    if (!member) return "UNKNOWN_MEMBER_ID";
    if (generationId !== this.generationId) return "ILLEGAL_GENERATION";
    if (this.state === "CompletingRebalance") return "REBALANCE_IN_PROGRESS";
    this.heard(member);
    return "NONE";
  }

  leave(memberId: string): ErrorName {
    if (this.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
    if (this.pending.has(memberId)) {
      this.dropPending(memberId);
      return "NONE";
    }
    const member = this.members.get(memberId);
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
    this.members.delete(member.id);
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
    for (const member of [...this.members.values()]) {
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
      members: [...this.members.values()].map((member) => ({
        memberId: member.id,
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
    return [...this.members.values()].flatMap(({ protocols }) => protocols.map(({ metadata }) => metadata));
  }
}

const sameProtocols = (a: Member["protocols"], b: Member["protocols"]) =>
  a.length === b.length && a.every(({ name, metadata }, i) => name === b[i]?.name && metadata.equals(b[i].metadata));
