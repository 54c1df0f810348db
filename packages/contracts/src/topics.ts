import type { TopicDeclaration } from "./contract.ts";
import { topics as declared } from "./generated/documents.ts";

/** Every topic of `schemas/topics.json`: those of events, and the dead letters of each consumer group. */
export const topics: readonly TopicDeclaration[] = declared;

/** The settings of a declared topic. Of three copies or more, two have a record before it is acknowledged. */
export function topicConfig({ retentionMs }: TopicDeclaration, copies: number): Record<string, string> {
  return { "retention.ms": String(retentionMs), ...(copies < 3 ? {} : { "min.insync.replicas": "2" }) };
}

/** Where the records are that this consumer group could not handle. */
export function deadLetterTopic(group: string): string {
  return `${group}.dlq`;
}
