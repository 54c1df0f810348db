import { readBatchHeader } from "../../log/record-batch.ts";
import { errorCodes } from "../../protocol/error-codes.ts";
import type { Broker, Handlers } from "../context.ts";

function requestProblem(acks: number, transactionalId: string | null) {
  if (acks < -1 || acks > 1) return { error: "INVALID_REQUIRED_ACKS", message: "acks is 0, 1 or -1 (all)" } as const;
  if (transactionalId !== null)
    return { error: "UNSUPPORTED_VERSION", message: "this broker has no transactions" } as const;
  return undefined;
}

export function produceHandlers(broker: Broker): Pick<Handlers, "produce" | "initProducerId"> {
  const { cluster, log } = broker;

  const failed = (index: number, error: keyof typeof errorCodes, errorMessage: string | null = null) => ({
    index,
    errorCode: errorCodes[error] as number,
    baseOffset: -1,
    errorMessage,
  });

  const append = (topicName: string, index: number, records: Buffer | null, knowsZstd: boolean) => {
    const topic = cluster.byName(topicName);
    const partition = topic?.partitions[index];
    if (!topic || !partition) return failed(index, "UNKNOWN_TOPIC_OR_PARTITION");
    if (!records || records.length === 0) return failed(index, "INVALID_RECORD", "no record batch");
    if (!knowsZstd && readBatchHeader(records)?.compression === "zstd")
      return failed(index, "UNSUPPORTED_COMPRESSION_TYPE", "zstd needs produce version 7 (KIP-110)");
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
    produce({ transactionalId, acks, topicData, knowsZstd }, client) {
      const problem = requestProblem(acks, transactionalId);
      const responses = topicData.map(({ name, partitionData }) => ({
        name,
        partitionResponses: partitionData.map(({ index, records }) =>
          problem ? failed(index, problem.error, problem.message) : append(name, index, records, knowsZstd),
        ),
      }));
      if (acks !== 0) return { responses };
      // Nobody reads an answer to acks=0. Kafka closes the connection, so that the producer asks for metadata again.
      if (responses.some(({ partitionResponses }) => partitionResponses.some(({ errorCode }) => errorCode !== 0)))
        client.disconnect("a produce request without acknowledgement failed");
      return undefined;
    },

    initProducerId({ transactionalId }) {
      const refused = (error: keyof typeof errorCodes) => ({ errorCode: errorCodes[error], producerEpoch: -1 });
      if (transactionalId === "") return refused("INVALID_REQUEST");
      if (transactionalId !== null) return refused("UNSUPPORTED_VERSION");
      try {
        return { errorCode: errorCodes.NONE, producerId: cluster.newProducerId(), producerEpoch: 0 };
      } catch (err) {
        log.error({ err }, "could not reserve producer ids");
        return refused("COORDINATOR_NOT_AVAILABLE");
      }
    },
  };
}
