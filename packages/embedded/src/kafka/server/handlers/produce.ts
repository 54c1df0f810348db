import { type BatchHeader, readBatchHeader } from "../../log/record-batch.ts";
import type { RequestOf } from "../../protocol/apis.ts";
import { errorCodes } from "../../protocol/error-codes.ts";
import type { Topic } from "../../state/cluster.ts";
import type { Broker, Handlers } from "../context.ts";

type ProduceRequest = RequestOf<"produce">;

export function produceHandlers(broker: Broker): Pick<Handlers, "produce"> {
  const { cluster, transactions, log } = broker;

  const failed = (index: number, error: keyof typeof errorCodes, errorMessage: string | null = null) => ({
    index,
    errorCode: errorCodes[error] as number,
    baseOffset: -1,
    errorMessage,
  });

  /** A transactional batch goes only where its transaction said that it would (KIP-890). */
  const transactionProblem = (
    request: ProduceRequest,
    header: BatchHeader | undefined,
    topic: Topic,
    index: number,
  ) => {
    if (!header?.isTransactional || topic.partitions[index]?.hasOpenTransaction(header.producerId)) return "NONE";
    if (request.transactionalId === null) return "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";
    const verdict = transactions.mayWrite(request.transactionalId, header, topic.id, index);
    return verdict === "INVALID_TXN_STATE" && request.knowsAbortable ? "TRANSACTION_ABORTABLE" : verdict;
  };

  const append = (request: ProduceRequest, topicName: string, index: number, records: Buffer | null) => {
    const topic = cluster.byName(topicName);
    const partition = topic?.partitions[index];
    if (!topic || !partition) return failed(index, "UNKNOWN_TOPIC_OR_PARTITION");
    if (!records || records.length === 0) return failed(index, "INVALID_RECORD", "no record batch");
    const header = readBatchHeader(records);
    if (!request.knowsZstd && header?.compression === "zstd")
      return failed(index, "UNSUPPORTED_COMPRESSION_TYPE", "zstd needs produce version 7 (KIP-110)");
    const problem = transactionProblem(request, header, topic, index);
    if (problem !== "NONE") return failed(index, problem, "the partition is not part of the producer's transaction");
    const result = partition.append(records, cluster.limitsOf(topic));
    if (result.error === "NONE")
      return {
        index,
        errorCode: errorCodes.NONE as number,
        baseOffset: result.baseOffset,
        logStartOffset: partition.startOffset,
        errorMessage: null,
      };
    if (result.error === "KAFKA_STORAGE_ERROR")
      log.error({ err: result.cause, topic: topicName, partition: index }, "could not append; reads go on");
    return failed(index, result.error, result.message);
  };

  return {
    produce(request, client) {
      const { acks, topicData } = request;
      const areAcksKnown = acks >= -1 && acks <= 1;
      const responses = topicData.map(({ name, partitionData }) => ({
        name,
        partitionResponses: partitionData.map(({ index, records }) =>
          areAcksKnown
            ? append(request, name, index, records)
            : failed(index, "INVALID_REQUIRED_ACKS", "acks is 0, 1 or -1 (all)"),
        ),
      }));
      if (acks !== 0) return { responses };
      // Nobody reads an answer to acks=0. Kafka closes the connection, so that the producer asks for metadata again.
      if (responses.some(({ partitionResponses }) => partitionResponses.some(({ errorCode }) => errorCode !== 0)))
        client.disconnect("a produce request without acknowledgement failed");
      return undefined;
    },
  };
}
