import { type Counter, type Logger, pauses, retry, within as withinTime } from "@weft/core";
import type { Consumer, EachBatchPayload, PartitionAssigner } from "kafkajs";
import kafkajs from "kafkajs";
import type { BrokerSubscription, RecordSink, StalledPartition, SubscribeOptions, TopicPartition } from "../broker.ts";
import type { KafkaAccess } from "./access.ts";
import { retry as clientRetry, connectKafka, type KafkaConnection } from "./connection.ts";
import { isFenced, unavailable, within } from "./failures.ts";
import { type KafkaSettings, membership } from "./options.ts";
import { rebuildCount } from "./rebuild-count.ts";
import { recordFrom } from "./records.ts";
import { unreadableMessage } from "./records-patch.ts";

/*
 * One membership in a consumer group, whatever happens to the kafkajs clients underneath.
 *
 *   connecting  a kafkajs consumer is being built; nothing is assigned. → joining
 *   joining     a JoinGroup is about to be sent or on its way; an earlier assignment is revoked first.
 *               → consuming, when the cluster has assigned partitions (a new epoch)
 *   consuming   records go to the sink, commits of this epoch go to the cluster. → joining, when the group rebalances
 *   broken      kafkajs gave up, or nothing came back for too long: its client is thrown away with its sockets, and after a
 *               pause a new one is built, for ever. → connecting
 *   stopped     by `stop`, from any state.
 *
 * kafkajs is held to the part that works: its fetch loop never waits for a handler, so heartbeats never do either.
 */

/** One kafkajs consumer and what belongs to its life. */
interface Session {
  consumer: Consumer;
  connection: KafkaConnection;
  /** Both are kafkajs' own for this consumer, and come with each batch. */
  heartbeat?: () => Promise<void>;
  commit?: EachBatchPayload["commitOffsetsIfNecessary"];
  /** When the cluster last answered a fetch, heartbeat or join, by `performance.now()`. */
  answeredAt: number;
  isJoining: boolean;
  /** Nodes whose fetch was on its way when the assignment changed → when that is forgotten. Their answers are of an earlier epoch. */
  staleNodes: Map<number, number>;
  fetchingNodes: Set<number>;
  end(reason: string): void;
}

/** As `records-patch.ts` logs it. */
interface UnreadableEntry extends TopicPartition {
  offset: string;
  last: string;
  reason: string;
}

const livingAnswers = new Set(["Fetch", "Heartbeat", "JoinGroup", "SyncGroup", "OffsetFetch", "ListOffsets"]);
/** How long the fetch loop waits for the sink to take a batch before it pauses the partition. */
const inlineWaitMs = 100;
const partitionsConsumedConcurrently = 64;
const commitAttempts = 4;
/** A client that held its partitions for so long was a good one: the next is built at once. */
const goodAfterMs = 10_000;
const watchMs = 1000;
const keyOf = ({ topic, partition }: TopicPartition) => `${topic} ${partition}`;

export function kafkaSubscription(
  { log, access, rebuilt }: { log: Logger; access: KafkaAccess; rebuilt: Counter },
  settings: KafkaSettings,
  { group, topics }: SubscribeOptions,
  sink: RecordSink,
): BrokerSubscription {
  const logOf = log.child({ group });
  let session: Session | undefined;
  let epoch = 0;
  /** The epoch that may commit; nothing while no partitions are held. */
  let current: number | undefined;
  let revoking: Promise<void> | undefined;
  const stopping = new AbortController();
  const pausedByOwner = new Set<string>();
  const pausedBySink = new Set<string>();
  /** Partitions whose position the cluster no longer has: never read from elsewhere without being told to. */
  const outOfRange = new Map<string, StalledPartition>();
  /** Partitions whose next batch cannot be read: tried again with each assignment, held otherwise. */
  const unreadable = new Map<string, StalledPartition & { offset: bigint }>();
  const rebuilds = rebuildCount();
  /** When the newest epoch began. */
  let heldSince = 0;
  /** As in `Session`, over all of them. */
  let answeredAt = performance.now();
  let announceJoined: () => void;
  const joined = new Promise<void>((resolve) => {
    announceJoined = resolve;
  });

  async function live(): Promise<void> {
    const waits = pauses({ firstMs: 250, maxMs: 5000, floorMs: 100 }, stopping.signal);
    while (!stopping.signal.aborted) {
      const epochBefore = epoch;
      const reason = await runSession();
      const hadPartitions = epoch > epochBefore;
      if (hadPartitions && !stopping.signal.aborted) rebuilds.add(reason);
      if (hadPartitions && performance.now() - heldSince > goodAfterMs) waits.succeeded();
      await revoke();
      session?.connection.destroy();
      session = undefined;
      if (stopping.signal.aborted) return;
      rebuilt.add(1, { group });
      logOf.warn({ reason, failures: waits.failures + 1 }, "the consumer's client ended, another one is built");
      await waits.failed();
    }
  }

  /** Resolves with the reason for its end. */
  async function runSession(): Promise<string> {
    let end!: (reason: string) => void;
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const mine = openSession(end);
    session = mine;
    const onStop = () => end("stopped");
    stopping.signal.addEventListener("abort", onStop, { once: true });
    const watchdog = watch(mine);
    start(mine).catch((error) => end(access.explain(error)));
    const reason = await ended;
    clearInterval(watchdog);
    stopping.signal.removeEventListener("abort", onStop);
    // A member that does not say goodbye keeps its partitions until its session is over.
    await leave(mine);
    return reason;
  }

  function openSession(end: (reason: string) => void): Session {
    const connection = connectKafka(logOf, settings, { onLog: (message, entry) => onLog(message, entry) });
    const consumer = connection.kafka.consumer({
      ...membership(group, settings),
      minBytes: 1,
      maxBytesPerPartition: 1_048_576,
      maxBytes: 10_485_760,
      metadataMaxAge: 60_000,
      partitionAssigners: [assignerWithHooks],
      retry: { ...clientRetry, restartOnFailure: async () => false },
    });
    return {
      consumer,
      connection,
      answeredAt: performance.now(),
      isJoining: true,
      staleNodes: new Map(),
      fetchingNodes: new Set(),
      end,
    };
  }

  async function start(mine: Session): Promise<void> {
    const { consumer } = mine;
    const { GROUP_JOIN, CRASH, REQUEST, FETCH_START } = consumer.events;
    consumer.on(REQUEST, ({ payload }) => {
      if (!livingAnswers.has(payload.apiName)) return;
      mine.answeredAt = performance.now();
      answeredAt = mine.answeredAt;
    });
    consumer.on(FETCH_START, ({ payload }) => {
      mine.staleNodes.delete(payload.nodeId);
      mine.fetchingNodes.add(payload.nodeId);
    });
    consumer.on(GROUP_JOIN, ({ payload }) => onJoined(mine, payload.memberAssignment));
    consumer.on(CRASH, ({ payload }) => mine.end(access.explain(payload.error)));
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // No batch waits for another one's sink.
      partitionsConsumedConcurrently,
      eachBatch: (payload) => onBatch(mine, payload),
    });
  }

  /**
   * kafkajs hands its cluster to the assigner and asks it for the coordinator first in every join, of whatever cause. That
   * is the one place where partitions can be given back before others get them: kafkajs' own events do not wait.
   */
  const assignerWithHooks: PartitionAssigner = (config) => {
    const { cluster } = config;
    const findCoordinator = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (wanted) => {
      if (session) session.isJoining = true;
      await revoke();
      return findCoordinator(wanted);
    };
    const defaultOffset = cluster.defaultOffset.bind(cluster);
    cluster.defaultOffset = (config) => {
      if (!lostPosition) return defaultOffset(config);
      const { topic, partition } = lostPosition;
      lostPosition = undefined;
      throw new Error(`${topic} ${partition} no longer has the offset that ${group} reads next`);
    };
    return kafkajs.PartitionAssigners.roundRobin(config);
  };
  let lostPosition: TopicPartition | undefined;

  /**
   * kafkajs answers OFFSET_OUT_OF_RANGE by committing its default offset. It says so first, in its log, in the same turn of
   * the event loop: then the commit is refused (above) and that partition alone stays where it is.
   */
  function onLog(message: string, entry: Record<string, unknown>): void {
    if (message === unreadableMessage) holdUnreadable(entry as unknown as UnreadableEntry);
    if (!message.startsWith("Offset out of range, resetting")) return;
    const { topic, partition } = entry as unknown as TopicPartition;
    lostPosition = { topic, partition };
    const reason = "its committed offset is no longer in the topic";
    outOfRange.set(keyOf(lostPosition), { topic, partition, reason });
    applyPauses();
    logOf.error(
      { topic, partition },
      "the committed offset is no longer in the topic (retention passed, or the topic was made anew); this partition is not read until the group's offset is reset and the process restarted",
    );
  }

  function holdUnreadable({ topic, partition, offset, last, reason: why }: UnreadableEntry): void {
    const next = BigInt(last) + 1n;
    const reason = `the batch at offsets ${offset} to ${last} cannot be unpacked (${why})`;
    const isNew = !unreadable.has(keyOf({ topic, partition }));
    unreadable.set(keyOf({ topic, partition }), { topic, partition, offset: BigInt(offset), reason });
    if (!isNew) return;
    const command = `kafka-consumer-groups.sh --group ${group} --topic ${topic}:${partition} --reset-offsets --to-offset ${next} --execute`;
    logOf.error(
      { topic, partition, offset, last, reason: why },
      `a batch cannot be unpacked; its partition is held, the others go on. To go on without it, stop the group and run: ${command}`,
    );
  }

  function onJoined(mine: Session, assignment: Record<string, number[]>): void {
    access.admitted();
    const expiresAt = performance.now() + settings.requestTimeoutMs;
    mine.staleNodes = new Map([...mine.fetchingNodes].map((node) => [node, expiresAt]));
    mine.answeredAt = performance.now();
    mine.isJoining = false;
    epoch += 1;
    current = epoch;
    heldSince = performance.now();
    pausedByOwner.clear();
    pausedBySink.clear();
    mine.consumer.resume(topics.map((topic) => ({ topic })));
    applyPauses();
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    const assigned = new Set(partitions.map(keyOf));
    for (const key of unreadable.keys()) if (!assigned.has(key)) unreadable.delete(key);
    try {
      sink.onAssigned(epoch, partitions);
    } catch (error) {
      mine.end(`onAssigned failed: ${(error as Error).message}`);
    }
    announceJoined();
  }

  /** Nothing that happens in here may reach kafkajs: a TypeError would stop its consumer for good. */
  async function onBatch(mine: Session, payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary } = payload;
    try {
      if (session !== mine || current === undefined || revoking || stopping.signal.aborted) return;
      if (isStale(mine)) return;
      mine.heartbeat = heartbeat;
      mine.commit = commitOffsetsIfNecessary;
      const { topic, partition, messages } = batch;
      const last = messages.at(-1);
      if (!last) return;
      unreadable.delete(keyOf({ topic, partition }));
      const accepted = sink.onRecords(
        current,
        messages.map((message) => recordFrom(topic, partition, message)),
        { topic, partition },
      );
      resolveOffset(last.offset);
      await waitForRoom(mine, current, { topic, partition }, accepted);
    } catch (error) {
      // What was not taken is read again by the next client.
      logOf.error({ err: error }, "a sink failed to take records");
      mine.end(`the sink failed: ${(error as Error).message}`);
    }
  }

  function isStale({ staleNodes }: Session): boolean {
    const now = performance.now();
    for (const [node, expiresAt] of staleNodes) if (expiresAt < now) staleNodes.delete(node);
    return staleNodes.size > 0;
  }

  async function waitForRoom(mine: Session, of: number, partition: TopicPartition, accepted: Promise<void>) {
    let isAccepted = false;
    const done = accepted
      .catch((error) => mine.end(`the sink failed: ${(error as Error).message}`))
      .then(() => {
        isAccepted = true;
      });
    await withinTime(inlineWaitMs, done, () => {});
    if (isAccepted || current !== of) return;
    pausedBySink.add(keyOf(partition));
    applyPauses();
    void done.then(() => {
      if (current !== of) return;
      pausedBySink.delete(keyOf(partition));
      resumeWhereFree([partition]);
    });
  }

  const isPaused = (partition: TopicPartition) =>
    [pausedByOwner, pausedBySink, outOfRange].some((set) => set.has(keyOf(partition)));

  function applyPauses(): void {
    if (!session || current === undefined) return;
    for (const key of new Set([...pausedByOwner, ...pausedBySink, ...outOfRange.keys()])) {
      const at = key.lastIndexOf(" ");
      const partition = { topic: key.slice(0, at), partitions: [Number(key.slice(at + 1))] };
      whereItRuns(session, ({ consumer }) => consumer.pause([partition]));
    }
  }

  function resumeWhereFree(partitions: readonly TopicPartition[]): void {
    if (!session || current === undefined || revoking) return;
    for (const partition of partitions) {
      if (isPaused(partition)) continue;
      whereItRuns(session, ({ consumer }) =>
        consumer.resume([{ topic: partition.topic, partitions: [partition.partition] }]),
      );
    }
  }

  /** A client that crashed refuses, before it says that it crashed; the next one begins without a pause. */
  function whereItRuns(mine: Session, change: (mine: Session) => void): void {
    try {
      change(mine);
    } catch (err) {
      logOf.debug({ err }, "a client that has ended was to pause or go on");
    }
  }

  /** Gives the partitions back: the sink may finish and commit, for a bounded time; after that the epoch is over. */
  function revoke(): Promise<void> {
    if (current === undefined) return Promise.resolve();
    revoking ??= revokeEpoch(current).finally(() => {
      revoking = undefined;
    });
    return revoking;
  }

  async function revokeEpoch(revoked: number): Promise<void> {
    const mine = session;
    const beats = setInterval(() => void mine?.heartbeat?.().catch(() => {}), settings.heartbeatMs);
    try {
      await within(settings.revokeTimeoutMs, "revoke", sink.onRevoked(revoked));
    } catch (error) {
      logOf.warn({ err: error }, "partitions go back before their work is finished; it will be repeated");
    } finally {
      clearInterval(beats);
      current = undefined;
    }
  }

  function watch(mine: Session): NodeJS.Timeout {
    let lastTick = performance.now();
    return setInterval(() => {
      const now = performance.now();
      // A process that stood still (SIGSTOP, a long computation) says nothing about the cluster.
      if (now - lastTick > 3 * watchMs) mine.answeredAt = now;
      lastTick = now;
      const limitMs = mine.isJoining
        ? settings.rebalanceTimeoutMs + settings.sessionTimeoutMs
        : 2 * settings.sessionTimeoutMs;
      if (now - mine.answeredAt > limitMs) mine.end(`no answer from the cluster for ${limitMs} ms`);
    }, watchMs);
  }

  async function leave({ consumer }: Session): Promise<void> {
    await revoke();
    await within(settings.fetchWaitMs + 2000, "leave", consumer.disconnect()).catch((error) => {
      logOf.info({ err: error }, "the group was not left in time; its partitions move after the session timeout");
    });
  }

  const life = live().catch((error) => logOf.error({ err: error }, "the subscription ended"));

  return {
    joined,
    sessionTimeoutMs: settings.sessionTimeoutMs,

    async commit(of, offsets) {
      if (offsets.length === 0) return;
      const byTopic = new Map<string, { partition: number; offset: string }[]>();
      for (const { topic, partition, offset } of offsets) {
        const list = byTopic.get(topic) ?? [];
        list.push({ partition, offset: offset.toString() });
        byTopic.set(topic, list);
      }
      const payload = { topics: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })) };
      const policy = { firstMs: 100, maxMs: 1000, floorMs: 50, attempts: commitAttempts, mayRetry: () => true };
      await retry(policy, async () => {
        // Checked and handed over in one turn: kafkajs reads its generation before it waits for anything. Its own retries
        // would carry the offsets of this epoch into the next one.
        const commit = current === of ? session?.commit : undefined;
        await commit?.(payload).catch((error) => {
          if (!isFenced(error)) throw error;
        });
      }).catch((error) => {
        throw unavailable("commit", error, access.explain);
      });
    },

    pause(partitions) {
      for (const partition of partitions) pausedByOwner.add(keyOf(partition));
      applyPauses();
    },

    resume(partitions) {
      for (const partition of partitions) pausedByOwner.delete(keyOf(partition));
      resumeWhereFree(partitions);
    },

    idleMs: () => performance.now() - answeredAt,

    stalled: () => [...outOfRange.values(), ...unreadable.values()],

    rebuilds: () => rebuilds.lately(),

    async stop() {
      stopping.abort();
      await life;
      announceJoined();
    },
  };
}
