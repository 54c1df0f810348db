import { array, bool, int8, int16, int32, int64, list, message, string, uuid } from "../schema.ts";

export const createTopicsRequest = message(
  { flexible: "5+" },
  {
    topics: array("0+", {
      name: string(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array("0+", {
        partitionIndex: int32(),
        brokerIds: list("0+", "int32"),
      }),
      configs: array("0+", {
        name: string(),
        value: string("0+", { nullable: "0+" }),
      }),
    }),
    timeoutMs: int32("0+", { default: 60000 }),
    validateOnly: bool("0+", { default: false }),
  },
);
export const createTopicsResponse = message(
  { flexible: "5+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    topics: array("0+", {
      name: string(),
      topicId: uuid("7+"),
      errorCode: int16(),
      errorMessage: string("0+", { nullable: "0+" }),
      topicConfigErrorCode: int16("5+", { tag: 0 }),
      numPartitions: int32("5+", { default: -1 }),
      replicationFactor: int16("5+", { default: -1 }),
      configs: array(
        "5+",
        {
          name: string("5+"),
          value: string("5+", { nullable: "5+" }),
          readOnly: bool("5+"),
          configSource: int8("5+", { default: -1 }),
          isSensitive: bool("5+"),
        },
        { nullable: "5+" },
      ),
    }),
  },
);

export const deleteTopicsRequest = message(
  { flexible: "4+" },
  {
    topics: array("6+", {
      name: string("6+", { nullable: "6+", default: null }),
      topicId: uuid("6+"),
    }),
    topicNames: list("0-5", "string"),
    timeoutMs: int32(),
  },
);
export const deleteTopicsResponse = message(
  { flexible: "4+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    responses: array("0+", {
      name: string("0+", { nullable: "6+" }),
      topicId: uuid("6+"),
      errorCode: int16(),
      errorMessage: string("5+", { nullable: "5+", default: null }),
    }),
  },
);

export const createPartitionsRequest = message(
  { flexible: "2+" },
  {
    topics: array("0+", {
      name: string(),
      count: int32(),
      assignments: array(
        "0+",
        {
          brokerIds: list("0+", "int32"),
        },
        { nullable: "0+" },
      ),
    }),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
);
export const createPartitionsResponse = message(
  { flexible: "2+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    results: array("0+", {
      name: string(),
      errorCode: int16(),
      errorMessage: string("0+", { nullable: "0+", default: null }),
    }),
  },
);

export const deleteRecordsRequest = message(
  { flexible: "2+" },
  {
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        offset: int64(),
      }),
    }),
    timeoutMs: int32(),
  },
);
export const deleteRecordsResponse = message(
  { flexible: "2+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    topics: array("0+", {
      name: string(),
      partitions: array("0+", {
        partitionIndex: int32(),
        lowWatermark: int64(),
        errorCode: int16(),
      }),
    }),
  },
);
