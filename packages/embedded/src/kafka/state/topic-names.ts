const maxNameLength = 249;
/** Kafka's own topics. This broker keeps offsets elsewhere, and nobody may write there. */
const internalTopics = new Set([
  "__consumer_offsets",
  "__transaction_state",
  "__share_group_state",
  "__cluster_metadata",
]);

/**
 * Kafka's rule for topic names (org.apache.kafka.common.internals.Topic).
 * @returns what is wrong, or nothing
 */
export function topicNameProblem(name: string): string | undefined {
  if (name.length === 0) return "the topic name is empty";
  if (name === "." || name === "..") return `a topic cannot be called "${name}"`;
  if (name.length > maxNameLength) return `the topic name is longer than ${maxNameLength} characters`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return "a topic name has only ASCII letters and digits, '.', '_' and '-'";
  if (internalTopics.has(name)) return `${name} is internal to Kafka`;
  return undefined;
}

/** Names that differ only in '.' and '_' would share one metric, so Kafka refuses the second. */
export const collisionKey = (name: string): string => name.replaceAll(".", "_");
