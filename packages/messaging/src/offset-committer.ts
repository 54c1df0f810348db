import type { Logger } from "@weft/core";
import type { BrokerSubscription, TopicPartition } from "./broker.ts";
import type { FinishedPrefix } from "./prefix.ts";

/** What a partition of one assignment has finished, and what of that is committed. */
export interface CommittablePartition extends TopicPartition {
  epoch: number;
  prefix: FinishedPrefix;
  committed: bigint | undefined;
}

interface OffsetCommitterCollaborators {
  log: Logger;
  /** Of the present assignment. */
  partitions(): Iterable<CommittablePartition>;
  subscription(): Pick<BrokerSubscription, "commit"> | undefined;
  /** Done with the same offsets first; a commit that it stops is tried again. */
  beforeCommit?(offsets: readonly (TopicPartition & { offset: bigint })[]): Promise<void>;
}

const failedPauseMs = 500;

/** Commits the finished prefix of each partition, beside the fetch, one commit at a time; one that fails is tried again. */
export function offsetCommitter(
  { log, partitions, subscription, beforeCommit }: OffsetCommitterCollaborators,
  { commitEveryMs }: { commitEveryMs: number },
) {
  let committing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void now();
    }, commitEveryMs);
  }

  function now(): Promise<void> {
    const before = committing ?? Promise.resolve();
    const mine = before.then(commitOnce).finally(() => {
      if (committing === mine) committing = undefined;
    });
    committing = mine;
    return mine;
  }

  async function commitOnce(): Promise<void> {
    const dirty = [...partitions()].filter(({ prefix, committed }) => prefix.committable !== committed);
    const epoch = dirty[0]?.epoch;
    const to = subscription();
    if (epoch === undefined || !to) return;
    const offsets = dirty.map(({ topic, partition, prefix }) => ({ topic, partition, offset: prefix.committable! }));
    try {
      await beforeCommit?.(offsets);
      await to.commit(epoch, offsets);
      for (const [index, partition] of dirty.entries()) partition.committed = offsets[index]!.offset;
    } catch (error) {
      log.warn({ err: error }, "offsets were not committed, tried again soon");
      setTimeout(soon, failedPauseMs).unref();
    }
  }

  return {
    /** Everything finished until then, within `commitEveryMs`. */
    soon,
    /** Resolves when what is finished now is committed, or could not be. */
    now,
    /** Waits for the commit under way; no other begins by itself. */
    async stop(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      await committing;
    },
  };
}
