import { leaderEpoch, type PartitionLog } from "../../log/partition-log.ts";
import { errorCodes } from "../../protocol/error-codes.ts";
import type { Broker, Handlers } from "../context.ts";
import { leaderEpochProblem, readCommitted } from "./fetch.ts";

/** Special timestamps of ListOffsets; -3 is KIP-734. */
const latest = -1;
const earliest = -2;
const ofMaxTimestamp = -3;

export function listOffsetsHandlers(broker: Broker): Pick<Handlers, "listOffsets" | "offsetForLeaderEpoch"> {
  const { cluster, log } = broker;

  const find = (partition: PartitionLog, timestamp: number, isCommittedOnly: boolean) => {
    const end = isCommittedOnly ? partition.lastStableOffset : partition.endOffset;
    if (timestamp === latest) return { timestamp: -1, offset: end };
    if (timestamp === earliest) return { timestamp: -1, offset: partition.startOffset };
    const wanted = timestamp === ofMaxTimestamp ? partition.maxTimestamp : timestamp;
    if (partition.endOffset === partition.startOffset) return { timestamp: -1, offset: -1 };
    const found = partition.offsetForTime(wanted);
    if (!found || found.offset >= end) return { timestamp: -1, offset: -1 };
    return { timestamp: found.timestamp, offset: Math.max(found.offset, partition.startOffset) };
  };

  return {
    listOffsets: ({ topics, isolationLevel }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
          const partition = cluster.byName(name)?.partitions[partitionIndex];
          const refused = (errorCode: number) => ({ partitionIndex, errorCode, timestamp: -1, offset: -1 });
          if (!partition) return refused(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
          const problem = leaderEpochProblem(currentLeaderEpoch);
          if (problem !== undefined) return refused(problem);
          try {
            return {
              partitionIndex,
              errorCode: errorCodes.NONE,
              leaderEpoch,
              ...find(partition, timestamp, isolationLevel === readCommitted),
            };
          } catch (err) {
            log.error({ err, topic: name, partition: partitionIndex }, "could not search a log");
            return refused(errorCodes.KAFKA_STORAGE_ERROR);
          }
        }),
      })),
    }),

    offsetForLeaderEpoch: ({ topics }) => ({
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition: index, currentLeaderEpoch, leaderEpoch: asked }) => {
          const partition = cluster.byName(topic)?.partitions[index];
          if (!partition) return { partition: index, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
          const problem = leaderEpochProblem(currentLeaderEpoch);
          if (problem !== undefined) return { partition: index, errorCode: problem };
          const isKnown = asked === leaderEpoch;
          return {
            partition: index,
            errorCode: errorCodes.NONE,
            leaderEpoch: isKnown ? leaderEpoch : -1,
            endOffset: isKnown ? partition.endOffset : -1,
          };
        }),
      })),
    }),
  };
}
