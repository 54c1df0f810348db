import { array, bool, bytes, int8, int16, int32, list, message, since, string } from "../schema.ts";

export const findCoordinatorRequest = message(
  { flexible: "3+" },
  {
    /** KIP-699: several keys in one request. */
    asksForKeys: since("4+"),
    key: string("0-3"),
    keyType: int8("1+", { default: 0 }),
    coordinatorKeys: list("4+", "string"),
  },
);
export const findCoordinatorResponse = message(
  { flexible: "3+" },
  {
    throttleTimeMs: int32("1+", { default: 0 }),
    errorCode: int16("0-3"),
    errorMessage: string("1-3", { nullable: "1-3" }),
    nodeId: int32("0-3"),
    host: string("0-3"),
    port: int32("0-3"),
    coordinators: array("4+", {
      key: string("4+"),
      nodeId: int32("4+"),
      host: string("4+"),
      port: int32("4+"),
      errorCode: int16("4+"),
      errorMessage: string("4+", { nullable: "4+" }),
    }),
  },
);

export const joinGroupRequest = message(
  { flexible: "6+" },
  {
    /** KIP-394: the client can be told its member id first and join with it then. */
    canRejoinWithMemberId: since("4+"),
    /** KIP-814. */
    canSkipAssignment: since("9+"),
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32("1+", { default: -1 }),
    memberId: string(),
    groupInstanceId: string("5+", { nullable: "5+", default: null }),
    protocolType: string(),
    protocols: array("0+", {
      name: string(),
      metadata: bytes(),
    }),
    reason: string("8+", { nullable: "8+", default: null }),
  },
);
export const joinGroupResponse = message(
  { flexible: "6+" },
  {
    throttleTimeMs: int32("2+", { default: 0 }),
    errorCode: int16(),
    generationId: int32("0+", { default: -1 }),
    protocolType: string("7+", { nullable: "7+", default: null }),
    protocolName: string("0+", { nullable: "7+" }),
    leader: string(),
    skipAssignment: bool("9+", { default: false }),
    memberId: string(),
    members: array("0+", {
      memberId: string(),
      groupInstanceId: string("5+", { nullable: "5+", default: null }),
      metadata: bytes(),
    }),
  },
);

export const syncGroupRequest = message(
  { flexible: "4+" },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string("3+", { nullable: "3+", default: null }),
    protocolType: string("5+", { nullable: "5+", default: null }),
    protocolName: string("5+", { nullable: "5+", default: null }),
    assignments: array("0+", {
      memberId: string(),
      assignment: bytes(),
    }),
  },
);
export const syncGroupResponse = message(
  { flexible: "4+" },
  {
    throttleTimeMs: int32("1+", { default: 0 }),
    errorCode: int16(),
    protocolType: string("5+", { nullable: "5+", default: null }),
    protocolName: string("5+", { nullable: "5+", default: null }),
    assignment: bytes(),
  },
);

export const heartbeatRequest = message(
  { flexible: "4+" },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string("3+", { nullable: "3+", default: null }),
  },
);
export const heartbeatResponse = message(
  { flexible: "4+" },
  {
    throttleTimeMs: int32("1+", { default: 0 }),
    errorCode: int16(),
  },
);

export const leaveGroupRequest = message(
  { flexible: "4+" },
  {
    /** KIP-345: several members in one request. */
    namesMembers: since("3+"),
    groupId: string(),
    memberId: string("0-2"),
    members: array("3+", {
      memberId: string("3+"),
      groupInstanceId: string("3+", { nullable: "3+", default: null }),
      reason: string("5+", { nullable: "5+", default: null }),
    }),
  },
);
export const leaveGroupResponse = message(
  { flexible: "4+" },
  {
    throttleTimeMs: int32("1+", { default: 0 }),
    errorCode: int16(),
    members: array("3+", {
      memberId: string("3+"),
      groupInstanceId: string("3+", { nullable: "3+" }),
      errorCode: int16("3+"),
    }),
  },
);

export const listGroupsRequest = message(
  { flexible: "3+" },
  {
    statesFilter: list("4+", "string"),
    typesFilter: list("5+", "string"),
  },
);
export const listGroupsResponse = message(
  { flexible: "3+" },
  {
    throttleTimeMs: int32("1+", { default: 0 }),
    errorCode: int16(),
    groups: array("0+", {
      groupId: string(),
      protocolType: string(),
      groupState: string("4+"),
      groupType: string("5+"),
    }),
  },
);

export const describeGroupsRequest = message(
  { flexible: "5+" },
  {
    groups: list("0+", "string"),
    includeAuthorizedOperations: bool("3+"),
  },
);
export const describeGroupsResponse = message(
  { flexible: "5+" },
  {
    throttleTimeMs: int32("1+", { default: 0 }),
    groups: array("0+", {
      errorCode: int16(),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array("0+", {
        memberId: string(),
        groupInstanceId: string("4+", { nullable: "4+", default: null }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32("3+", { default: -2147483648 }),
    }),
  },
);

export const deleteGroupsRequest = message(
  { flexible: "2+" },
  {
    groupsNames: list("0+", "string"),
  },
);
export const deleteGroupsResponse = message(
  { flexible: "2+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    results: array("0+", {
      groupId: string(),
      errorCode: int16(),
    }),
  },
);
