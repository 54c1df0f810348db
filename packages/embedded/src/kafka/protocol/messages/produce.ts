import { array, int16, int32, int64, message, records, since, string, struct } from "../schema.ts";

export const produceRequest = message(
  { flexible: "9+" },
  {
    /** KIP-110: an older client could not read zstd back. */
    knowsZstd: since("7+"),
    /** KIP-890. */
    knowsAbortable: since("11+"),
    transactionalId: string("3+", { nullable: "3+", default: null }),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array("0+", {
      name: string(),
      partitionData: array("0+", {
        index: int32(),
        records: records("0+", { nullable: "0+" }),
      }),
    }),
  },
);
export const produceResponse = message(
  { flexible: "9+" },
  {
    responses: array("0+", {
      name: string(),
      partitionResponses: array("0+", {
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        logAppendTimeMs: int64("2+", { default: -1 }),
        logStartOffset: int64("5+", { default: -1 }),
        recordErrors: array("8+", {
          batchIndex: int32("8+"),
          batchIndexErrorMessage: string("8+", { nullable: "8+", default: null }),
        }),
        errorMessage: string("8+", { nullable: "8+", default: null }),
        currentLeader: struct(
          "10+",
          {
            leaderId: int32("10+", { default: -1 }),
            leaderEpoch: int32("10+", { default: -1 }),
          },
          { tag: 0 },
        ),
      }),
    }),
    throttleTimeMs: int32("1+", { default: 0 }),
    nodeEndpoints: array(
      "10+",
      {
        nodeId: int32("10+"),
        host: string("10+"),
        port: int32("10+"),
        rack: string("10+", { nullable: "10+", default: null }),
      },
      { default: [], tag: 0 },
    ),
  },
);

export const initProducerIdRequest = message(
  { flexible: "2+" },
  {
    /** KIP-588. */
    knowsFencing: since("4+"),
    transactionalId: string("0+", { nullable: "0+" }),
    transactionTimeoutMs: int32(),
    producerId: int64("3+", { default: -1 }),
    producerEpoch: int16("3+", { default: -1 }),
  },
);
export const initProducerIdResponse = message(
  { flexible: "2+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    errorCode: int16(),
    producerId: int64("0+", { default: -1 }),
    producerEpoch: int16(),
  },
);
