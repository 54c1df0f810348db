import { errorCodes } from "../../protocol/error-codes.ts";
import type { OffsetOf } from "../../state/offsets.ts";
import { subscribedTopics } from "../../state/subscription.ts";
import type { Broker, Handlers } from "../context.ts";

/** Kafka's `offset.metadata.max.bytes`. */
export const maxMetadataBytes = 4096;
const noOffset = { committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode: errorCodes.NONE };

export function offsetHandlers(broker: Broker): Pick<Handlers, "offsetCommit" | "offsetFetch" | "offsetDelete"> {
  const { cluster, coordinator, offsets, transactions, log } = broker;

  const committed = (group: string, name: string, partitionIndex: number, requireStable: boolean) => {
    if (requireStable && transactions.hasPendingOffset(group, name, partitionIndex))
      return { partitionIndex, ...noOffset, errorCode: errorCodes.UNSTABLE_OFFSET_COMMIT };
    const found = offsets.get(group, name, partitionIndex);
    if (!found) return { partitionIndex, ...noOffset };
    return {
      partitionIndex,
      committedOffset: found.offset,
      committedLeaderEpoch: found.leaderEpoch,
      metadata: found.metadata ?? "",
      errorCode: errorCodes.NONE,
    };
  };
  const ofGroup = (
    group: string,
    topics: { name: string; partitionIndexes: number[] }[] | null,
    requireStable: boolean,
  ) => {
    if (topics)
      return topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => committed(group, name, index, requireStable)),
      }));
    const all = Map.groupBy(offsets.ofGroup(group), ({ topic }) => topic);
    return [...all].map(([name, found]) => ({
      name,
      partitions: found.map(({ partition }) => committed(group, name, partition, requireStable)),
    }));
  };

  return {
    offsetCommit({ groupId, memberId, generationIdOrMemberEpoch: generation, groupInstanceId, topics }) {
      const everywhere = (errorCode: number) => ({
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
        })),
      });
      const known = coordinator.find(groupId);
      if (!known && generation >= 0) return everywhere(errorCodes.ILLEGAL_GENERATION);
      const group = known ?? coordinator.getOrCreate(groupId);
      if (!group) return everywhere(errorCodes.COORDINATOR_NOT_AVAILABLE);
      const verdict = group.mayCommit({ memberId, instanceId: groupInstanceId }, generation);
      if (verdict !== "NONE") return everywhere(errorCodes[verdict]);

      const accepted: OffsetOf[] = [];
      const answers = topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => {
          if (!cluster.byName(name)?.partitions[partitionIndex])
            return { partitionIndex, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION as number };
          if (Buffer.byteLength(committedMetadata ?? "") > maxMetadataBytes)
            return { partitionIndex, errorCode: errorCodes.OFFSET_METADATA_TOO_LARGE as number };
          accepted.push({
            topic: name,
            partition: partitionIndex,
            offset: committedOffset,
            leaderEpoch: committedLeaderEpoch,
            metadata: committedMetadata,
          });
          return { partitionIndex, errorCode: errorCodes.NONE as number };
        }),
      }));
      try {
        offsets.commit(groupId, accepted);
      } catch (err) {
        // Kafka says the same when its offsets topic cannot be written: the client looks for the coordinator and tries again.
        log.error({ err, group: groupId }, "could not write committed offsets");
        return everywhere(errorCodes.NOT_COORDINATOR);
      }
      return { topics: answers };
    },

    offsetFetch({ groupId, topics, groups, asksForGroups, requireStable }) {
      if (!asksForGroups) return { topics: ofGroup(groupId, topics, requireStable), errorCode: errorCodes.NONE };
      return {
        groups: groups.map((group) => ({
          groupId: group.groupId,
          topics: ofGroup(group.groupId, group.topics, requireStable),
          errorCode: errorCodes.NONE,
        })),
      };
    },

    offsetDelete({ groupId, topics }) {
      const group = coordinator.find(groupId);
      const refused = (errorCode: number) => ({ errorCode, topics: [] });
      if (!group) return refused(errorCodes.GROUP_ID_NOT_FOUND);
      const isConsumer = group.protocolType === "consumer" || group.protocolType === null;
      if (group.size > 0 && !isConsumer) return refused(errorCodes.NON_EMPTY_GROUP);
      const inUse = new Set(group.memberMetadata().flatMap(subscribedTopics));
      const doomed: { topic: string; partition: number }[] = [];
      const answers = topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          if (!cluster.byName(name)?.partitions[partitionIndex])
            return { partitionIndex, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
          if (inUse.has(name)) return { partitionIndex, errorCode: errorCodes.GROUP_SUBSCRIBED_TO_TOPIC };
          doomed.push({ topic: name, partition: partitionIndex });
          return { partitionIndex, errorCode: errorCodes.NONE };
        }),
      }));
      try {
        offsets.delete(groupId, doomed);
      } catch (err) {
        log.error({ err, group: groupId }, "could not delete committed offsets");
        return refused(errorCodes.NOT_COORDINATOR);
      }
      return { errorCode: errorCodes.NONE, topics: answers };
    },
  };
}
