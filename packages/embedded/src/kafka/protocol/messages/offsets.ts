import { array, bool, int16, int32, int64, list, message, since, string } from "../schema.ts";

export const offsetCommitRequest = message(
  { flexible: "8+" },
  {
    groupId: string(),
    generationIdOrMemberEpoch: int32("0+", { default: -1 }),
    memberId: string(),
    groupInstanceId: string("7+", { nullable: "7+", default: null }),
    retentionTimeMs: int64("0-4", { default: -1 }),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32("6+", { default: -1 }),
        committedMetadata: string("0+", { nullable: "0+" }),
      }),
    }),
  },
);
export const offsetCommitResponse = message(
  { flexible: "8+" },
  {
    throttleTimeMs: int32("3+", { default: 0 }),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
);

export const offsetFetchRequest = message(
  { flexible: "6+" },
  {
    /** KIP-709: several groups in one request. */
    asksForGroups: since("8+"),
    groupId: string("0-7"),
    topics: array(
      "0-7",
      {
        name: string("0-7"),
        partitionIndexes: list("0-7", "int32"),
      },
      { nullable: "2-7" },
    ),
    groups: array("8+", {
      groupId: string("8+"),
      topics: array(
        "8+",
        {
          name: string("8+"),
          partitionIndexes: list("8+", "int32"),
        },
        { nullable: "8+" },
      ),
    }),
    requireStable: bool("7+", { default: false }),
  },
);
export const offsetFetchResponse = message(
  { flexible: "6+" },
  {
    throttleTimeMs: int32("3+", { default: 0 }),
    topics: array("0-7", {
      name: string("0-7"),
      partitions: array("0-7", {
        partitionIndex: int32("0-7"),
        committedOffset: int64("0-7"),
        committedLeaderEpoch: int32("5-7", { default: -1 }),
        metadata: string("0-7", { nullable: "0-7" }),
        errorCode: int16("0-7"),
      }),
    }),
    errorCode: int16("2-7", { default: 0 }),
    groups: array("8+", {
      groupId: string("8+"),
      topics: array("8+", {
        name: string("8+"),
        partitions: array("8+", {
          partitionIndex: int32("8+"),
          committedOffset: int64("8+"),
          committedLeaderEpoch: int32("8+", { default: -1 }),
          metadata: string("8+", { nullable: "8+" }),
          errorCode: int16("8+"),
        }),
      }),
      errorCode: int16("8+", { default: 0 }),
    }),
  },
);

export const offsetDeleteRequest = message(
  { flexible: "none" },
  {
    groupId: string(),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
      }),
    }),
  },
);
export const offsetDeleteResponse = message(
  { flexible: "none" },
  {
    errorCode: int16(),
    throttleTimeMs: int32("0+", { default: 0 }),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
);
