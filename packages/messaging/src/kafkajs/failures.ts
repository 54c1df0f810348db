import { classify, WeftError, within as withinTime } from "@weft/core";
import { BrokerUnavailable, RecordRefused } from "../errors.ts";

/** The error that kafkajs wrapped, perhaps several times, because it ran out of retries. */
export function rootOf(error: unknown): { name?: string; type?: string; message: string; stack?: string | undefined } {
  let current = error as { cause?: unknown; originalError?: unknown; errors?: unknown[] };
  for (let depth = 0; depth < 10; depth += 1) {
    const inner = current?.cause ?? current?.originalError ?? current?.errors?.[0];
    if (inner === undefined || inner === null || inner === current) break;
    current = inner as typeof current;
  }
  return current instanceof Error ? current : { message: String(current) };
}

/** Kafka's answers to a produce request that stay the same however often it is sent. */
const refusals = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_TIMESTAMP",
  "INVALID_RECORD",
  "POLICY_VIOLATION",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
]);

/** What a failed produce request means for whoever sent it. */
export function sendFailure(error: unknown, topics: readonly string[], explain: Explain): Error {
  if (error instanceof WeftError) return error;
  const root = rootOf(error);
  if (root instanceof WeftError) return root;
  if (root.type !== undefined && refusals.has(root.type)) {
    return new RecordRefused({ topic: topics.join(", "), reason: root.type, message: root.message }, { cause: error });
  }
  return unavailable("send", error, explain);
}

type Explain = (error: unknown) => string;
const messageOf: Explain = (error) => rootOf(error).message;

/** An error of the program is handed on as it is, with its stack: the cluster did nothing. */
export function unavailable(operation: string, error: unknown, explain: Explain = messageOf): Error {
  if (error instanceof WeftError) return error;
  const bug = bugIn(error);
  if (bug) return bug;
  return new BrokerUnavailable({ operation, message: explain(error) }, { cause: error });
}

const libraryFrame = /node_modules\/kafkajs\//;

/**
 * A `TypeError` or its like that our own code threw. One that a line of kafkajs threw is none: it has races between a
 * connection that ends and an answer that comes, which show so and are over with the next client.
 */
function bugIn(error: unknown): Error | undefined {
  const root = rootOf(error);
  if (classify(root) !== "bug") return undefined;
  const frame = (root.stack ?? "").split("\n").find((line) => /^\s+at /.test(line) && !line.includes("node:"));
  return frame !== undefined && libraryFrame.test(frame) ? undefined : (root as Error);
}

/** The cluster took the partitions away: what is committed now is no longer this member's to commit. */
export function isFenced(error: unknown): boolean {
  const { type } = rootOf(error);
  return (
    type === "ILLEGAL_GENERATION" ||
    type === "UNKNOWN_MEMBER_ID" ||
    type === "REBALANCE_IN_PROGRESS" ||
    type === "FENCED_INSTANCE_ID"
  );
}

/** Answers of a cluster that comes up, or whose topics and coordinators move: the same question is answered a moment later. */
const passing = new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
  "GROUP_LOAD_IN_PROGRESS",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
]);

export function isPassing(error: unknown): boolean {
  const { type } = rootOf(error);
  return type !== undefined && passing.has(type);
}

/** Rejects with `BrokerUnavailable` when `work` has not settled after `timeoutMs`. */
export function within<T>(timeoutMs: number, operation: string, work: Promise<T>): Promise<T> {
  return withinTime(timeoutMs, work, () => {
    throw new BrokerUnavailable({ operation, message: `no answer within ${timeoutMs} ms` });
  });
}
