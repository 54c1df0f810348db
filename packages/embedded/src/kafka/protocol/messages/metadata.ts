import { array, bool, int8, int16, int32, list, message, since, string, uuid } from "../schema.ts";

export const metadataRequest = message(
  { flexible: "9+" },
  {
    /** An empty list of topics asked for all of them once. */
    emptyMeansAll: since("0"),
    topics: array(
      "0+",
      {
        topicId: uuid("10+"),
        name: string("0+", { nullable: "10+" }),
      },
      { nullable: "1+" },
    ),
    allowAutoTopicCreation: bool("4+", { default: true }),
    includeClusterAuthorizedOperations: bool("8-10"),
    includeTopicAuthorizedOperations: bool("8+"),
  },
);
export const metadataResponse = message(
  { flexible: "9+" },
  {
    throttleTimeMs: int32("3+", { default: 0 }),
    brokers: array("0+", {
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: string("1+", { nullable: "1+", default: null }),
    }),
    clusterId: string("2+", { nullable: "2+", default: null }),
    controllerId: int32("1+", { default: -1 }),
    topics: array("0+", {
      errorCode: int16(),
      name: string("0+", { nullable: "12+" }),
      topicId: uuid("10+"),
      isInternal: bool("1+", { default: false }),
      partitions: array("0+", {
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32("7+", { default: -1 }),
        replicaNodes: list("0+", "int32"),
        isrNodes: list("0+", "int32"),
        offlineReplicas: list("5+", "int32"),
      }),
      topicAuthorizedOperations: int32("8+", { default: -2147483648 }),
    }),
    clusterAuthorizedOperations: int32("8-10", { default: -2147483648 }),
  },
);

export const describeClusterRequest = message(
  { flexible: "0+" },
  {
    includeClusterAuthorizedOperations: bool(),
    endpointType: int8("1+", { default: 1 }),
  },
);
export const describeClusterResponse = message(
  { flexible: "0+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    errorCode: int16(),
    errorMessage: string("0+", { nullable: "0+", default: null }),
    endpointType: int8("1+", { default: 1 }),
    clusterId: string(),
    controllerId: int32("0+", { default: -1 }),
    brokers: array("0+", {
      brokerId: int32(),
      host: string(),
      port: int32(),
      rack: string("0+", { nullable: "0+", default: null }),
    }),
    clusterAuthorizedOperations: int32("0+", { default: -2147483648 }),
  },
);
