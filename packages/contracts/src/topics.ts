import type { TopicDeclaration } from "./contract.ts";
import { topics as declared } from "./generated/documents.ts";

/** Every topic of `schemas/topics.json`: those of events, and the dead letters of each consumer group. */
export const topics: readonly TopicDeclaration[] = declared;

/** Where the records are that this consumer group could not handle. */
export function deadLetterTopic(group: string): string {
  return `${group}.dlq`;
}
