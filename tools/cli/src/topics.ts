import { deadLetterTopic, topics as declared, type TopicDeclaration } from "@weft/contracts";
import { serviceParts } from "./dev/parts.ts";

const deadLetters = declared.find(({ kind }) => kind === "dead-letters")!;

/**
 * Every topic that this repository needs: those of `schemas/topics.json`, and the dead letters of a service that is not in it
 * yet. A new service works before anybody has touched another file; whoever deploys it declares its group.
 */
export function topics(): TopicDeclaration[] {
  const names = new Set(declared.map(({ name }) => name));
  const missing = serviceParts()
    .filter(({ database, name }) => database !== undefined && !names.has(deadLetterTopic(name)))
    .map(({ name }) => ({ ...deadLetters, name: deadLetterTopic(name), description: `What ${name} could not take.` }));
  return [...declared, ...missing];
}

/** Named as the services that consume. */
export const consumerGroups = () =>
  serviceParts()
    .filter(({ database }) => database !== undefined)
    .map(({ name }) => name);

export const deadLetterTopics = () =>
  topics()
    .filter(({ kind }) => kind === "dead-letters")
    .map(({ name }) => name);
