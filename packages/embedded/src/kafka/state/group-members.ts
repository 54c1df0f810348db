import type { ErrorName } from "../protocol/error-codes.ts";
import type { JoinRequest, JoinResult, MemberIdentity, SyncResult } from "./group-requests.ts";

export interface Member {
  id: string;
  instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: JoinRequest["protocols"];
  assignment: Buffer;
  answerJoin: ((result: JoinResult) => void) | undefined;
  answerSync: ((result: SyncResult) => void) | undefined;
  expiry: NodeJS.Timeout | undefined;
}

/** Who belongs to a group, each also under the instance id that it may have (KIP-345). */
export class GroupMembers {
  private readonly byId = new Map<string, Member>();
  /** Member id of each static member, by instance id. */
  private readonly instances = new Map<string, string>();

  get size(): number {
    return this.byId.size;
  }
  all(): Member[] {
    return [...this.byId.values()];
  }
  has(id: string): boolean {
    return this.byId.has(id);
  }
  get(id: string): Member | undefined {
    return this.byId.get(id);
  }
  ofInstance(instanceId: string): Member | undefined {
    return this.byId.get(this.instances.get(instanceId) ?? "");
  }

  add(member: Member): void {
    this.byId.set(member.id, member);
    if (member.instanceId !== null) this.instances.set(member.instanceId, member.id);
  }
  remove(member: Member): void {
    this.byId.delete(member.id);
    if (member.instanceId !== null) this.instances.delete(member.instanceId);
  }
  rename(member: Member, id: string): void {
    this.remove(member);
    member.id = id;
    this.add(member);
  }
  clear(): void {
    this.byId.clear();
    this.instances.clear();
  }

  /** @returns what speaks against a member that names its instance */
  fencing({ memberId, instanceId }: MemberIdentity): ErrorName {
    if (instanceId === null) return "NONE";
    const current = this.instances.get(instanceId);
    if (current === undefined) return "UNKNOWN_MEMBER_ID";
    return current === memberId ? "NONE" : "FENCED_INSTANCE_ID";
  }

  /** The names that every member speaks. */
  commonProtocols(): Set<string> {
    const [first, ...others] = this.all();
    const names = first?.protocols.map(({ name }) => name) ?? [];
    return new Set(names.filter((name) => others.every(({ protocols }) => protocols.some((one) => one.name === name))));
  }

  /** Each member votes for the first of its protocols that all can speak. */
  electProtocol(): string {
    const common = this.commonProtocols();
    const votes = new Map<string, number>();
    for (const { protocols } of this.byId.values()) {
      const choice = protocols.find(({ name }) => common.has(name))?.name as string;
      votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
  }

  /** How long the slowest of them may take to join again, in milliseconds. */
  get rebalanceTimeoutMs(): number {
    return Math.max(0, ...this.all().map((member) => member.rebalanceTimeoutMs));
  }
}
