import { array, bool, int16, int32, int64, list, message, since, string } from "../schema.ts";

export const addPartitionsToTxnRequest = message(
  { flexible: "3+" },
  {
    /** KIP-588: an older client does not know that a producer can be fenced. */
    knowsFencing: since("2+"),
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    topics: array("0+", {
      name: string(),
      partitions: list("0+", "int32"),
    }),
  },
);
export const addPartitionsToTxnResponse = message(
  { flexible: "3+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    results: array("0+", {
      name: string(),
      results: array("0+", {
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
);

export const addOffsetsToTxnRequest = message(
  { flexible: "3+" },
  {
    knowsFencing: since("2+"),
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
);
export const addOffsetsToTxnResponse = message(
  { flexible: "3+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    errorCode: int16(),
  },
);

export const endTxnRequest = message(
  { flexible: "3+" },
  {
    knowsFencing: since("2+"),
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
);
export const endTxnResponse = message(
  { flexible: "3+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    errorCode: int16(),
  },
);

export const txnOffsetCommitRequest = message(
  { flexible: "3+" },
  {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32("3+", { default: -1 }),
    memberId: string("3+", { default: "" }),
    groupInstanceId: string("3+", { nullable: "3+", default: null }),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32("2+", { default: -1 }),
        committedMetadata: string("0+", { nullable: "0+" }),
      }),
    }),
  },
);
export const txnOffsetCommitResponse = message(
  { flexible: "3+" },
  {
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

export const describeTransactionsRequest = message({ flexible: "0+" }, { transactionalIds: list("0+", "string") });
export const describeTransactionsResponse = message(
  { flexible: "0+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    transactionStates: array("0+", {
      errorCode: int16(),
      transactionalId: string(),
      transactionState: string(),
      transactionTimeoutMs: int32(),
      transactionStartTimeMs: int64(),
      producerId: int64(),
      producerEpoch: int16(),
      topics: array("0+", {
        topic: string(),
        partitions: list("0+", "int32"),
      }),
    }),
  },
);

export const listTransactionsRequest = message(
  { flexible: "0+" },
  {
    stateFilters: list("0+", "string"),
    producerIdFilters: list("0+", "int64"),
    durationFilter: int64("1+", { default: -1 }),
  },
);
export const listTransactionsResponse = message(
  { flexible: "0+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    errorCode: int16(),
    unknownStateFilters: list("0+", "string"),
    transactionStates: array("0+", {
      transactionalId: string(),
      producerId: int64(),
      transactionState: string(),
    }),
  },
);
