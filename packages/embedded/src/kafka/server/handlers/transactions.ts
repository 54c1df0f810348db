import { type ErrorName, errorCodes } from "../../protocol/error-codes.ts";
import type { OffsetOf } from "../../state/offsets.ts";
import type { Transaction } from "../../state/transactions.ts";
import type { Broker, Handlers } from "../context.ts";
import { maxMetadataBytes } from "./offsets.ts";

const states = ["Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort"];

type TransactionApis =
  | "initProducerId"
  | "addPartitionsToTxn"
  | "addOffsetsToTxn"
  | "txnOffsetCommit"
  | "endTxn"
  | "describeTransactions"
  | "listTransactions";

export function transactionHandlers(broker: Broker): Pick<Handlers, TransactionApis> {
  const { cluster, coordinator, transactions, log } = broker;

  /** A disk that refuses: nothing has changed, and the client tries again. */
  const attempt = (what: string, work: () => ErrorName): ErrorName => {
    try {
      return work();
    } catch (err) {
      log.error({ err }, `could not ${what}`);
      return "COORDINATOR_NOT_AVAILABLE";
    }
  };
  const code = (error: ErrorName, knowsFencing: boolean): number =>
    errorCodes[error === "PRODUCER_FENCED" && !knowsFencing ? "INVALID_PRODUCER_EPOCH" : error];

  const topicsOf = ({ partitions }: Transaction) =>
    [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, found]) => ({
      topic,
      partitions: found.map(({ partition }) => partition),
    }));

  return {
    initProducerId({ transactionalId, transactionTimeoutMs, producerId, producerEpoch, knowsFencing }) {
      const refused = (error: ErrorName) => ({ errorCode: code(error, knowsFencing), producerEpoch: -1 });
      if (transactionalId === "") return refused("INVALID_REQUEST");
      if (producerId >= 0 !== producerEpoch >= 0) return refused("INVALID_REQUEST");
      let given = { producerId: -1, producerEpoch: -1 };
      const error = attempt("begin a producer", () => {
        if (transactionalId === null) {
          given = { producerId: cluster.newProducerId(), producerEpoch: 0 };
          return "NONE";
        }
        const expected = producerId < 0 ? undefined : { producerId, producerEpoch };
        const result = transactions.begin(transactionalId, transactionTimeoutMs, expected);
        if (typeof result === "string") return result;
        given = result;
        return "NONE";
      });
      return error === "NONE" ? { errorCode: errorCodes.NONE, ...given } : refused(error);
    },

    addPartitionsToTxn({ transactionalId, topics, knowsFencing, ...producer }) {
      const answer = (codeOf: (topic: string, partition: number) => number) => ({
        results: topics.map(({ name, partitions }) => ({
          name,
          results: partitions.map((partitionIndex) => ({ partitionIndex, errorCode: codeOf(name, partitionIndex) })),
        })),
      });
      if (transactionalId === "") return answer(() => errorCodes.INVALID_REQUEST);
      const find = (name: string, partition: number) => {
        const topic = cluster.byName(name);
        return topic?.partitions[partition] ? { topic: name, topicId: topic.id, partition } : undefined;
      };
      const wanted = topics.flatMap(({ name, partitions }) => partitions.map((partition) => find(name, partition)));
      const found = wanted.filter((one) => one !== undefined);
      // All or nothing.
      if (found.length < wanted.length)
        return answer((name, partition) =>
          find(name, partition) ? errorCodes.OPERATION_NOT_ATTEMPTED : errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
        );
      const error = attempt("add partitions to a transaction", () =>
        transactions.addPartitions(transactionalId, producer, found),
      );
      return answer(() => code(error, knowsFencing));
    },

    addOffsetsToTxn({ transactionalId, groupId, knowsFencing, ...producer }) {
      if (transactionalId === "" || groupId === "") return { errorCode: errorCodes.INVALID_REQUEST };
      const error = attempt("add a group to a transaction", () =>
        transactions.addGroup(transactionalId, producer, groupId),
      );
      return { errorCode: code(error, knowsFencing) };
    },

    txnOffsetCommit({ transactionalId, groupId, memberId, generationId, groupInstanceId, topics, ...producer }) {
      const accepted: OffsetOf[] = [];
      const problemOf = (name: string, partition: number, metadata: string | null): ErrorName => {
        if (!cluster.byName(name)?.partitions[partition]) return "UNKNOWN_TOPIC_OR_PARTITION";
        return Buffer.byteLength(metadata ?? "") > maxMetadataBytes ? "OFFSET_METADATA_TOO_LARGE" : "NONE";
      };
      const answers = topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => {
          const problem = problemOf(name, partitionIndex, committedMetadata);
          if (problem === "NONE")
            accepted.push({
              topic: name,
              partition: partitionIndex,
              offset: committedOffset,
              leaderEpoch: committedLeaderEpoch,
              metadata: committedMetadata,
            });
          return { partitionIndex, errorCode: errorCodes[problem] as number };
        }),
      }));
      const error = attempt("keep the offsets of a transaction", () => {
        const group = coordinator.find(groupId);
        if (!group && generationId >= 0) return "ILLEGAL_GENERATION";
        const verdict =
          group?.mayCommitInTransaction({ memberId, instanceId: groupInstanceId }, generationId) ?? "NONE";
        return verdict === "NONE" ? transactions.addOffsets(transactionalId, producer, groupId, accepted) : verdict;
      });
      if (error === "NONE") return { topics: answers };
      const errorCode = errorCodes[error];
      return {
        topics: answers.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((one) => (one.errorCode === errorCodes.NONE ? { ...one, errorCode } : one)),
        })),
      };
    },

    endTxn({ transactionalId, committed, knowsFencing, ...producer }) {
      if (transactionalId === "") return { errorCode: errorCodes.INVALID_REQUEST };
      const error = attempt("end a transaction", () => transactions.end(transactionalId, producer, committed));
      return { errorCode: code(error, knowsFencing) };
    },

    describeTransactions: ({ transactionalIds }) => ({
      transactionStates: transactionalIds.map((transactionalId) => {
        const found = transactions.find(transactionalId);
        return {
          errorCode: found ? errorCodes.NONE : errorCodes.TRANSACTIONAL_ID_NOT_FOUND,
          transactionalId,
          transactionState: found?.state ?? "",
          transactionTimeoutMs: found?.timeoutMs ?? 0,
          transactionStartTimeMs: found?.startedAt ?? 0,
          producerId: found?.producerId ?? 0,
          producerEpoch: found?.epoch ?? 0,
          topics: found ? topicsOf(found) : [],
        };
      }),
    }),

    listTransactions({ stateFilters, producerIdFilters, durationFilter }) {
      const before = Date.now() - durationFilter;
      const found = transactions
        .all()
        .filter(({ state }) => stateFilters.length === 0 || stateFilters.includes(state))
        .filter(({ producerId }) => producerIdFilters.length === 0 || producerIdFilters.includes(producerId))
        .filter(({ startedAt }) => durationFilter < 0 || (startedAt >= 0 && startedAt < before));
      return {
        errorCode: errorCodes.NONE,
        unknownStateFilters: stateFilters.filter((state) => !states.includes(state)),
        transactionStates: found.map(({ id, producerId, state }) => ({
          transactionalId: id,
          producerId,
          transactionState: state,
        })),
      };
    },
  };
}
