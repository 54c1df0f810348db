import * as apiVersions from "./messages/api-versions.ts";
import * as configs from "./messages/configs.ts";
import * as fetch from "./messages/fetch.ts";
import * as groups from "./messages/groups.ts";
import * as metadata from "./messages/metadata.ts";
import * as offsets from "./messages/offsets.ts";
import * as produce from "./messages/produce.ts";
import * as topics from "./messages/topics.ts";
import * as transactions from "./messages/transactions.ts";
import type { Fields, Message, ReadOf, WriteOf } from "./schema.ts";

export interface Api<Req extends Fields = Fields, Res extends Fields = Fields> {
  key: number;
  /** Versions advertised and taken, both inclusive. */
  min: number;
  max: number;
  request: Message<Req>;
  response: Message<Res>;
}

const api = <Req extends Fields, Res extends Fields>(
  key: number,
  min: number,
  max: number,
  request: Message<Req>,
  response: Message<Res>,
): Api<Req, Res> => ({ key, min, max, request, response });

/**
 * What this broker speaks. Anything else is not advertised, and a client that asks nevertheless loses its connection, as with Kafka.
 * The upper ends stop before transactions of the second kind (KIP-890: clients then add their partitions themselves), the new
 * group protocol (KIP-848) and tiered storage.
 * Produce reaches down to 0 because librdkafka infers features from it (KAFKA-18659); batches older than magic 2 are refused.
 */
export const apis = {
  produce: api(0, 0, 11, produce.produceRequest, produce.produceResponse),
  fetch: api(1, 4, 16, fetch.fetchRequest, fetch.fetchResponse),
  listOffsets: api(2, 1, 7, fetch.listOffsetsRequest, fetch.listOffsetsResponse),
  metadata: api(3, 0, 12, metadata.metadataRequest, metadata.metadataResponse),
  offsetCommit: api(8, 2, 8, offsets.offsetCommitRequest, offsets.offsetCommitResponse),
  offsetFetch: api(9, 1, 8, offsets.offsetFetchRequest, offsets.offsetFetchResponse),
  findCoordinator: api(10, 0, 4, groups.findCoordinatorRequest, groups.findCoordinatorResponse),
  joinGroup: api(11, 0, 9, groups.joinGroupRequest, groups.joinGroupResponse),
  heartbeat: api(12, 0, 4, groups.heartbeatRequest, groups.heartbeatResponse),
  leaveGroup: api(13, 0, 5, groups.leaveGroupRequest, groups.leaveGroupResponse),
  syncGroup: api(14, 0, 5, groups.syncGroupRequest, groups.syncGroupResponse),
  describeGroups: api(15, 0, 5, groups.describeGroupsRequest, groups.describeGroupsResponse),
  listGroups: api(16, 0, 5, groups.listGroupsRequest, groups.listGroupsResponse),
  apiVersions: api(18, 0, 3, apiVersions.apiVersionsRequest, apiVersions.apiVersionsResponse),
  createTopics: api(19, 2, 7, topics.createTopicsRequest, topics.createTopicsResponse),
  deleteTopics: api(20, 1, 6, topics.deleteTopicsRequest, topics.deleteTopicsResponse),
  deleteRecords: api(21, 0, 2, topics.deleteRecordsRequest, topics.deleteRecordsResponse),
  initProducerId: api(22, 0, 4, produce.initProducerIdRequest, produce.initProducerIdResponse),
  addPartitionsToTxn: api(24, 0, 3, transactions.addPartitionsToTxnRequest, transactions.addPartitionsToTxnResponse),
  addOffsetsToTxn: api(25, 0, 4, transactions.addOffsetsToTxnRequest, transactions.addOffsetsToTxnResponse),
  endTxn: api(26, 0, 4, transactions.endTxnRequest, transactions.endTxnResponse),
  txnOffsetCommit: api(28, 0, 4, transactions.txnOffsetCommitRequest, transactions.txnOffsetCommitResponse),
  offsetForLeaderEpoch: api(23, 2, 4, fetch.offsetForLeaderEpochRequest, fetch.offsetForLeaderEpochResponse),
  describeConfigs: api(32, 1, 4, configs.describeConfigsRequest, configs.describeConfigsResponse),
  alterConfigs: api(33, 0, 2, configs.alterConfigsRequest, configs.alterConfigsResponse),
  createPartitions: api(37, 0, 3, topics.createPartitionsRequest, topics.createPartitionsResponse),
  deleteGroups: api(42, 0, 2, groups.deleteGroupsRequest, groups.deleteGroupsResponse),
  incrementalAlterConfigs: api(
    44,
    0,
    1,
    configs.incrementalAlterConfigsRequest,
    configs.incrementalAlterConfigsResponse,
  ),
  offsetDelete: api(47, 0, 0, offsets.offsetDeleteRequest, offsets.offsetDeleteResponse),
  describeCluster: api(60, 0, 1, metadata.describeClusterRequest, metadata.describeClusterResponse),
  describeTransactions: api(
    65,
    0,
    0,
    transactions.describeTransactionsRequest,
    transactions.describeTransactionsResponse,
  ),
  listTransactions: api(66, 0, 1, transactions.listTransactionsRequest, transactions.listTransactionsResponse),
};

export type ApiName = keyof typeof apis;
export type RequestOf<N extends ApiName> = (typeof apis)[N] extends Api<infer Req, infer _> ? ReadOf<Req> : never;
export type ResponseOf<N extends ApiName> = (typeof apis)[N] extends Api<infer _, infer Res> ? WriteOf<Res> : never;

export const apiByKey = new Map<number, ApiName>(
  (Object.keys(apis) as ApiName[]).map((name) => [apis[name].key, name]),
);
