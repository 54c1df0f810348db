import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { contracts } from "@weft/contracts";
import { generateContracts } from "@weft/contracts/generate";
import { repositoryRoot } from "../layout.ts";
import { WrongUse } from "../wrong-use.ts";
import { assertKebabCase, kebabOfType } from "./names.ts";

export interface NewEventOptions {
  /** `returns.events`; made in `schemas/topics.json` where it is new. */
  topic: string;
  /** Field of `data` that is the record's key: `returnId`. */
  key: string;
}

export interface NewEvent {
  /** `schemas/events/returns/return-created.json` */
  file: string;
  isNewTopic: boolean;
}

const schemas = () => join(repositoryRoot, "schemas");

/**
 * Writes the document of an event type that works: its key and a moment, an example and a counter-example; declares its topic
 * where that is new; makes types and validators. Whatever is refused leaves everything as it was.
 * @param type in the past tense: `ReturnCreated`
 * @throws WrongUse for names that cannot be, or that are taken   @throws SchemasInvalid where other documents are broken
 */
export async function newEvent(type: string, { topic, key }: NewEventOptions): Promise<NewEvent> {
  if (!/^[A-Z][A-Za-z0-9]{2,60}$/.test(type)) {
    throw new WrongUse({
      message: `an event type is in Pascal case and in the past tense, such as ReturnCreated; this is ${type}`,
    });
  }
  if (Object.hasOwn(contracts, type)) {
    throw new WrongUse({
      message: `there is an event type ${type} already, in ${contracts[type as keyof typeof contracts].topic}`,
    });
  }
  const domain = /^(.+)\.events$/.exec(topic)?.[1];
  if (domain === undefined) {
    throw new WrongUse({ message: `a topic of events is called <domain>.events; this is ${topic}` });
  }
  assertKebabCase("the topic's domain", domain);
  if (!/^[a-z][A-Za-z0-9]{0,60}$/.test(key)) {
    throw new WrongUse({ message: `the key is a field of data, such as returnId; this is ${key}` });
  }
  const file = `schemas/events/${domain}/${kebabOfType(type)}.json`;
  const path = join(repositoryRoot, file);
  if (existsSync(path)) throw new WrongUse({ message: `${file} exists already` });

  const undo: (() => void)[] = [];
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, `${JSON.stringify(documentOf(type, topic, key, publishersIn(topic, domain)), null, 2)}\n`);
    undo.push(() => rmSync(path));
    const isNewTopic = declareTopic(topic, undo);
    await generateContracts({
      schemasDir: schemas(),
      outDir: join(repositoryRoot, "packages/contracts/src/generated"),
    });
    return { file, isNewTopic };
  } catch (error) {
    for (const step of undo) step();
    throw error;
  }
}

function declareTopic(topic: string, undo: (() => void)[]): boolean {
  const path = join(schemas(), "topics.json");
  const text = readFileSync(path, "utf8");
  const declared = JSON.parse(text) as { topics: { name: string }[] };
  if (declared.topics.some(({ name }) => name === topic)) return false;
  const entry = { name: topic, description: `Events of ${topic.replace(/\.events$/, "")}.` };
  // Into the text where it can be: the file keeps the layout that people gave it.
  const end = text.indexOf("\n  ]", text.indexOf('"topics": ['));
  const line = `{ "name": ${JSON.stringify(entry.name)}, "description": ${JSON.stringify(entry.description)} }`;
  writeWhole(
    path,
    end === -1
      ? `${JSON.stringify({ ...declared, topics: [...declared.topics, entry] }, null, 2)}\n`
      : `${text.slice(0, end)},\n    ${line}${text.slice(end)}`,
  );
  undo.push(() => writeWhole(path, text));
  return true;
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Whoever publishes to that topic already; of a new one, the service that is called as its domain. */
function publishersIn(topic: string, domain: string): [string, ...string[]] {
  const others = Object.values(contracts).filter((contract) => contract.topic === topic);
  const [first = `${domain}-service`, ...rest] = new Set(others.flatMap(({ publishers }) => publishers));
  return [first, ...rest];
}

function documentOf(eventType: string, topic: string, key: string, publishers: [string, ...string[]]) {
  const at = "2026-03-02T09:30:00.000Z";
  const envelope = (data: object) => ({
    eventId: randomUUID(),
    eventType,
    version: "1.0",
    timestamp: at,
    source: publishers[0],
    data,
  });
  return {
    $schema: "../../event-document.schema.json",
    eventType,
    version: "1.0",
    topic,
    key,
    publishers,
    description: `${kebabOfType(eventType).replaceAll("-", " ")}: say here what happened, and who reads it for what.`,
    schema: {
      type: "object",
      properties: {
        [key]: { type: "string", description: "Key of the record.", minLength: 1 },
        occurredAt: { type: "string", format: "date-time" },
      },
      required: [key, "occurredAt"],
    },
    examples: [envelope({ [key]: "id_1", occurredAt: at })],
    counterExamples: [{ reason: `the ${key} is missing`, envelope: envelope({ occurredAt: at }) }],
  };
}
