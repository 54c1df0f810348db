import type { ErrorName } from "../protocol/error-codes.ts";

/** What members ask of their group, and what they are told: JoinGroup and SyncGroup without the wire. */

export interface MemberIdentity {
  memberId: string;
  instanceId: string | null;
}
export interface JoinRequest extends MemberIdentity {
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocolType: string;
  protocols: { name: string; metadata: Buffer }[];
  canRejoinWithMemberId: boolean;
  /** KIP-814: the leader can be told its members without being asked to assign. */
  canSkipAssignment: boolean;
}
export interface JoinResult {
  error: ErrorName;
  memberId: string;
  generationId: number;
  protocolType: string | null;
  protocolName: string | null;
  leader: string;
  skipAssignment: boolean;
  /** Only for the leader. */
  members: { memberId: string; groupInstanceId: string | null; metadata: Buffer }[];
}
export interface SyncRequest extends MemberIdentity {
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
