import { topics as declaredTopics, topicConfig } from "@weft/contracts";
import { TopicMissing } from "./errors.ts";

/** The error that says how to create what is missing, with the partitions and settings that `schemas/topics.json` asks for. */
export function missingTopics(names: readonly string[], bootstrap = "<broker>") {
  const commands = names.map((name) => {
    const declared = declaredTopics.find((topic) => topic.name === name);
    const partitions = declared?.partitions ?? "<partitions>";
    const replication = declared?.replication.otherwise ?? "<replicas>";
    const settings = declared ? Object.entries(topicConfig(declared, declared.replication.otherwise)) : [];
    const config = settings.map(([setting, value]) => ` --config ${setting}=${value}`).join("");
    return `kafka-topics.sh --bootstrap-server ${bootstrap} --create --topic ${name} --partitions ${partitions} --replication-factor ${replication}${config}`;
  });
  return new TopicMissing({ topics: names, commands });
}
