import { topics as declaredTopics } from "@weft/contracts";
import { TopicMissing } from "./errors.ts";

/** The error that says how to create what is missing, with the partitions that `schemas/topics.json` asks for. */
export function missingTopics(names: readonly string[], bootstrap = "<broker>") {
  const commands = names.map((name) => {
    const declared = declaredTopics.find((topic) => topic.name === name);
    const partitions = declared?.partitions ?? "<partitions>";
    const replication = declared?.replication.otherwise ?? "<replicas>";
    return `kafka-topics.sh --bootstrap-server ${bootstrap} --create --topic ${name} --partitions ${partitions} --replication-factor ${replication}`;
  });
  return new TopicMissing({ topics: names, commands });
}
