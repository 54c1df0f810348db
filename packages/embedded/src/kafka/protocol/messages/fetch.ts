import { array, int8, int16, int32, int64, list, message, records, since, string, struct, uuid } from "../schema.ts";

export const fetchRequest = message(
  { flexible: "12+" },
  {
    /** KIP-110. */
    knowsZstd: since("10+"),
    /** KIP-516: topics are named by id from here on. */
    namesTopicsById: since("13+"),
    clusterId: string("12+", { nullable: "12+", default: null, tag: 0 }),
    replicaId: int32("0-14", { default: -1 }),
    replicaState: struct(
      "15+",
      {
        replicaId: int32("15+", { default: -1 }),
        replicaEpoch: int64("15+", { default: -1 }),
      },
      { tag: 1 },
    ),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32("0+", { default: 2147483647 }),
    isolationLevel: int8("0+", { default: 0 }),
    sessionId: int32("7+", { default: 0 }),
    sessionEpoch: int32("7+", { default: -1 }),
    topics: array("0+", {
      topic: string("0-12"),
      topicId: uuid("13+"),
      partitions: array("0+", {
        partition: int32(),
        currentLeaderEpoch: int32("9+", { default: -1 }),
        fetchOffset: int64(),
        lastFetchedEpoch: int32("12+", { default: -1 }),
        logStartOffset: int64("5+", { default: -1 }),
        partitionMaxBytes: int32(),
      }),
    }),
    forgottenTopicsData: array("7+", {
      topic: string("7-12"),
      topicId: uuid("13+"),
      partitions: list("7+", "int32"),
    }),
    rackId: string("11+", { default: "" }),
  },
);
export const fetchResponse = message(
  { flexible: "12+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    errorCode: int16("7+"),
    sessionId: int32("7+", { default: 0 }),
    responses: array("0+", {
      topic: string("0-12"),
      topicId: uuid("13+"),
      partitions: array("0+", {
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64("0+", { default: -1 }),
        logStartOffset: int64("5+", { default: -1 }),
        divergingEpoch: struct(
          "12+",
          {
            epoch: int32("12+", { default: -1 }),
            endOffset: int64("12+", { default: -1 }),
          },
          { tag: 0 },
        ),
        currentLeader: struct(
          "12+",
          {
            leaderId: int32("12+", { default: -1 }),
            leaderEpoch: int32("12+", { default: -1 }),
          },
          { tag: 1 },
        ),
        snapshotId: struct(
          "12+",
          {
            endOffset: int64("0+", { default: -1 }),
            epoch: int32("0+", { default: -1 }),
          },
          { tag: 2 },
        ),
        abortedTransactions: array(
          "0+",
          {
            producerId: int64(),
            firstOffset: int64(),
          },
          { nullable: "0+" },
        ),
        preferredReadReplica: int32("11+", { default: -1 }),
        records: records("0+", { nullable: "0+" }),
      }),
    }),
    nodeEndpoints: array(
      "16+",
      {
        nodeId: int32("16+"),
        host: string("16+"),
        port: int32("16+"),
        rack: string("16+", { nullable: "16+", default: null }),
      },
      { default: [], tag: 0 },
    ),
  },
);

export const listOffsetsRequest = message(
  { flexible: "6+" },
  {
    replicaId: int32(),
    isolationLevel: int8("2+"),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        currentLeaderEpoch: int32("4+", { default: -1 }),
        timestamp: int64(),
      }),
    }),
  },
);
export const listOffsetsResponse = message(
  { flexible: "6+" },
  {
    throttleTimeMs: int32("2+", { default: 0 }),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64("0+", { default: -1 }),
        offset: int64("0+", { default: -1 }),
        leaderEpoch: int32("4+", { default: -1 }),
      }),
    }),
  },
);

export const offsetForLeaderEpochRequest = message(
  { flexible: "4+" },
  {
    replicaId: int32("3+", { default: -2 }),
    topics: array("0+", {
      topic: string(),
      partitions: array("0+", {
        partition: int32(),
        currentLeaderEpoch: int32("0+", { default: -1 }),
        leaderEpoch: int32(),
      }),
    }),
  },
);
export const offsetForLeaderEpochResponse = message(
  { flexible: "4+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    topics: array("0+", {
      topic: string(),
      partitions: array("0+", {
        errorCode: int16(),
        partition: int32(),
        leaderEpoch: int32("0+", { default: -1 }),
        endOffset: int64("0+", { default: -1 }),
      }),
    }),
  },
);
