import { leaderEpoch, type PartitionLog } from "../../log/partition-log.ts";
import { readBatchHeader } from "../../log/record-batch.ts";
import type { RequestOf, ResponseOf } from "../../protocol/apis.ts";
import { errorCodes } from "../../protocol/error-codes.ts";
import type { Topic } from "../../state/cluster.ts";
import type { Broker, Client, Handlers } from "../context.ts";

type FetchRequest = RequestOf<"fetch">;
type FetchResponse = ResponseOf<"fetch">;
type Answer = FetchResponse["responses"][number]["partitions"][number] & { records: Buffer };
type FetchPartition = FetchRequest["topics"][number]["partitions"][number];

/** `isolation.level` on the wire. */
export const readCommitted = 1;
const maxTimerMs = 2 ** 31 - 1;

/** Kafka's answer to a leader epoch (KIP-320), with a leader that never changed. */
export function leaderEpochProblem(asked: number): number | undefined {
  if (asked < 0 || asked === leaderEpoch) return undefined;
  return asked < leaderEpoch ? errorCodes.FENCED_LEADER_EPOCH : errorCodes.UNKNOWN_LEADER_EPOCH;
}

export function fetchHandlers(broker: Broker): Pick<Handlers, "fetch"> {
  const { cluster, settings, log } = broker;

  const topicOf = (request: FetchRequest, { topic, topicId }: { topic: string; topicId: string }): Topic | undefined =>
    request.namesTopicsById ? cluster.byId(topicId) : cluster.byName(topic);

  const partitionsOf = (request: FetchRequest): PartitionLog[] =>
    request.topics.flatMap((wanted) => {
      const topic = topicOf(request, wanted);
      return wanted.partitions.flatMap(({ partition }) => topic?.partitions[partition] ?? []);
    });

  const empty = (partitionIndex: number, errorCode: number, partition?: PartitionLog): Answer => ({
    partitionIndex,
    errorCode,
    highWatermark: partition?.endOffset ?? -1,
    lastStableOffset: partition?.lastStableOffset ?? -1,
    logStartOffset: partition?.startOffset ?? -1,
    abortedTransactions: null,
    records: Buffer.alloc(0),
  });

  const readOne = (request: FetchRequest, wanted: FetchPartition, topic: Topic | undefined, budgetBytes: number) => {
    const { partition: index, fetchOffset } = wanted;
    const partition = topic?.partitions[index];
    if (!partition)
      return empty(
        index,
        request.namesTopicsById && !topic ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
      );
    const epochProblem = leaderEpochProblem(wanted.currentLeaderEpoch);
    if (epochProblem !== undefined) return empty(index, epochProblem, partition);
    if (fetchOffset < partition.startOffset || fetchOffset > partition.endOffset)
      return empty(index, errorCodes.OFFSET_OUT_OF_RANGE, partition);
    const answer = empty(index, errorCodes.NONE, partition);
    const isCommittedOnly = request.isolationLevel === readCommitted;
    const before = isCommittedOnly ? partition.lastStableOffset : partition.endOffset;
    if (fetchOffset >= before || budgetBytes <= 0) return answer;
    try {
      const records = partition.read(fetchOffset, Math.max(0, Math.min(wanted.partitionMaxBytes, budgetBytes)), before);
      if (!request.knowsZstd && readBatchHeader(records)?.compression === "zstd")
        return empty(index, errorCodes.UNSUPPORTED_COMPRESSION_TYPE, partition);
      const aborted = isCommittedOnly ? partition.abortedBetween(fetchOffset, before) : null;
      return { ...answer, abortedTransactions: aborted, records };
    } catch (err) {
      log.error({ err, topic: topic?.name, partition: index }, "could not read a log");
      return empty(index, errorCodes.KAFKA_STORAGE_ERROR, partition);
    }
  };

  /** Partitions in the order of the request, until the answer is full; the first one with data gives at least one batch. */
  const readAll = (request: FetchRequest): { response: FetchResponse; bytes: number; failed: boolean } => {
    const limit = Math.min(request.maxBytes, settings.maxFetchBytes);
    let bytes = 0;
    let failed = false;
    const responses = request.topics.map((wanted) => {
      const topic = topicOf(request, wanted);
      return {
        topic: wanted.topic,
        topicId: wanted.topicId,
        partitions: wanted.partitions.map((partition) => {
          const left = bytes === 0 ? Math.max(1, limit) : limit - bytes;
          let answer = readOne(request, partition, topic, left);
          // A batch over the limit comes whole only as the first of an answer.
          if (bytes > 0 && bytes + answer.records.length > limit) answer = { ...answer, records: Buffer.alloc(0) };
          bytes += answer.records.length;
          failed ||= answer.errorCode !== errorCodes.NONE;
          return answer;
        }),
      };
    });
    // Session 0 declines incremental fetch sessions (KIP-227): the client names its partitions each time.
    return { response: { errorCode: errorCodes.NONE, sessionId: 0, responses }, bytes, failed };
  };

  /** Waits until `missingBytes` have come, a partition went away, time is up, or the client is gone. */
  const waitForData = (request: FetchRequest, client: Client, missingBytes: number, maxWaitMs: number): Promise<void> =>
    new Promise((resolve) => {
      let missing = missingBytes;
      const done = () => {
        clearTimeout(timer);
        for (const end of ends) end();
        resolve();
      };
      const onAppend = (bytes: number) => {
        missing -= bytes;
        if (missing <= 0) done();
      };
      const timer = setTimeout(done, Math.min(maxWaitMs, maxTimerMs));
      const ends = [client.onClose(done), ...partitionsOf(request).map((partition) => partition.watch(onAppend))];
    });

  return {
    async fetch(request, client) {
      if (request.sessionId !== 0)
        return { errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0, responses: [] };
      const deadline = performance.now() + request.maxWaitMs;
      for (;;) {
        const { response, bytes, failed } = readAll(request);
        const leftMs = deadline - performance.now();
        const missing = Math.min(request.minBytes, request.maxBytes) - bytes;
        if (failed || missing <= 0 || leftMs <= 0 || request.topics.length === 0) return response;
        await waitForData(request, client, missing, leftMs);
        if (client.isClosed) return undefined;
      }
    },
  };
}
