import { type ErrorName, errorCodes } from "../../protocol/error-codes.ts";
import type { Topic } from "../../state/cluster.ts";
import { topicNameProblem } from "../../state/topic-names.ts";
import type { Broker } from "../context.ts";

export interface Refusal {
  errorCode: number;
  errorMessage: string;
}
export const refusal = (error: ErrorName, errorMessage: string): Refusal => ({
  errorCode: errorCodes[error],
  errorMessage,
});
export const isRefusal = (value: object): value is Refusal => "errorMessage" in value;

export interface TopicPlan {
  name: string;
  partitions: number;
  configs: Record<string, string>;
}

/** Checks a name and a number of partitions against what is there and what is allowed. */
export function planTopic({ cluster, settings }: Broker, plan: TopicPlan): TopicPlan | Refusal {
  const { name, partitions } = plan;
  const problem = topicNameProblem(name);
  if (problem) return refusal("INVALID_TOPIC_EXCEPTION", problem);
  if (cluster.byName(name)) return refusal("TOPIC_ALREADY_EXISTS", `Topic '${name}' already exists.`);
  const colliding = cluster.colliding(name);
  if (colliding)
    return refusal("INVALID_TOPIC_EXCEPTION", `Topic '${name}' collides with existing topic: ${colliding}`);
  if (partitions < 1) return refusal("INVALID_PARTITIONS", "Number of partitions must be larger than 0.");
  if (cluster.partitionCount + partitions > settings.maxPartitions)
    return refusal("POLICY_VIOLATION", `this broker keeps at most ${settings.maxPartitions} partitions`);
  return plan;
}

export function createTopic(broker: Broker, plan: TopicPlan): Topic | Refusal {
  try {
    return broker.cluster.create(plan.name, plan.partitions, plan.configs);
  } catch (err) {
    broker.log.error({ err, topic: plan.name }, "could not create a topic");
    return refusal("KAFKA_STORAGE_ERROR", "the topic could not be written to disk");
  }
}
