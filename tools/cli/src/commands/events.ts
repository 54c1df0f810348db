import { contractOf, contracts, decodeWire, eventHeaders, eventTypes, topics, validateClosed } from "@weft/contracts";
import { type FieldErrors, newContext, runInContext, ValidationFailed } from "@weft/core";
import { headersAsTexts, type IncomingRecord, lastHeader } from "@weft/messaging";
import { Command } from "commander";
import { WrongUse } from "../wrong-use.ts";
import { completeEnvelope } from "./event-input.ts";
import { eventMapCommand } from "./event-map.ts";
import { readJson } from "./input.ts";
import { print, printJson, printRows, visible } from "./print.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

export function eventsCommand(): Command {
  const command = new Command("events").description("the events that the services tell each other");
  command.addCommand(
    new Command("list")
      .description("every event type")
      .option("--json", "print JSON")
      .action(({ json = false }: { json?: boolean }) => {
        const rows = Object.values(contracts).map(({ eventType, version, topic, key }) => ({
          type: eventType,
          version,
          topic,
          key,
        }));
        printRows(json, rows, "");
      }),
  );
  command.addCommand(
    new Command("show")
      .description("one event type: its schema and an example")
      .argument("<type>", "such as PromotionCreated")
      .option("--json", "print JSON")
      .action((type: string) => {
        const { eventType, version, topic, key, publishers, subject, description, envelopeSchema, examples } =
          known(type);
        printJson({
          eventType,
          version,
          topic,
          key,
          publishers,
          subject,
          description,
          schema: envelopeSchema,
          example: examples[0],
        });
      }),
  );
  command.addCommand(
    new Command("validate")
      .description("check a file against the schema of an event type")
      .argument("<type>", "such as PromotionCreated")
      .argument("<file>", "data alone or a whole envelope, - for standard input")
      .option("--json", "print JSON")
      .action((type: string, file: string, { json = false }: { json?: boolean }) => {
        known(type);
        const problems = validateClosed(completeEnvelope(type, readJson(file)));
        if (problems) refuse(type, problems);
        if (json) printJson({ valid: true });
        else print(`${file} is a valid ${type}.`);
      }),
  );
  command.addCommand(
    withAddresses(
      new Command("publish")
        .description("publish an event; what the schema refuses never reaches the topic")
        .argument("<type>", "such as PromotionCreated")
        .requiredOption("--data <file>", "data alone or a whole envelope, - for standard input")
        .option("--key <key>", "key of the record, where it must be another than the schema names"),
    ).action(
      inSession(async (session: Session, type: string, { data, key }: { data: string; key?: string }) => {
        const { topic } = known(type);
        const envelope = completeEnvelope(type, readJson(data));
        const problems = validateClosed(envelope);
        if (problems) refuse(type, problems);
        const [broker, schemas] = await Promise.all([session.broker(), session.schemas()]);
        const { directPublisher } = await import("@weft/messaging");
        const publisher = directPublisher({ broker, schemas }, { source: "weft-cli" });
        // A chain of its own begins here: what it causes carries this correlation id.
        await runInContext(newContext({ caller: "weft-cli" }), () => publisher.publishEnvelope(envelope, { key }));
        if (session.json) printJson({ published: true, topic, eventId: envelope.eventId });
        else print(`Published ${type} ${envelope.eventId} to ${topic}.`);
      }),
    ),
  );
  command.addCommand(eventMapCommand());
  command.addCommand(tailCommand());
  return command;
}

function known(type: string) {
  const contract = contractOf(type);
  if (!contract) throw new WrongUse({ message: `there is no event type ${type}; there are ${eventTypes.join(", ")}` });
  return contract;
}

function refuse(type: string, fieldErrors: FieldErrors): never {
  throw new ValidationFailed({ what: type, fieldErrors });
}

interface TailOptions {
  topic?: string;
  type?: string;
  key?: string;
  fromBeginning?: boolean;
}

const eventTopics = topics.filter(({ kind }) => kind === "events").map(({ name }) => name);

function tailCommand(): Command {
  return withAddresses(
    new Command("tail")
      .description("show events as they come, until Ctrl-C")
      .option("--topic <topic>", "only this one")
      .option("--type <type>", "only this event type")
      .option("--key <key>", "only records with this key")
      .option("--from-beginning", "all that the topics hold, then what comes"),
  ).action(
    inSession(async (session: Session, options: TailOptions) => {
      if (options.type !== undefined) known(options.type);
      if (options.topic !== undefined && !topics.some(({ name }) => name === options.topic)) {
        throw new WrongUse({
          message: `there is no topic ${options.topic}; there are ${topics.map(({ name }) => name).join(", ")}`,
        });
      }
      const broker = await session.broker();
      const from = options.fromBeginning ? "beginning" : "end";
      const tail = await broker.tail(
        { topics: options.topic === undefined ? eventTopics : [options.topic], from },
        (record) => {
          const shown = describe(record);
          if (options.type !== undefined && shown.eventType !== options.type) return;
          if (options.key !== undefined && shown.key !== options.key) return;
          print(session.json ? JSON.stringify(shown) : line(shown));
        },
      );
      await interrupted();
      await tail.stop();
    }),
  );
}

function describe(record: IncomingRecord) {
  const last = (name: string) => lastHeader(record.headers, name);
  const decoded = record.value === null ? undefined : decodeWire(record.value);
  const envelope = decoded?.ok ? (decoded.json as Record<string, unknown>) : undefined;
  return {
    time: new Date(record.timestampMs).toISOString(),
    topic: record.topic,
    partition: record.partition,
    offset: Number(record.offset),
    key: record.key?.toString("utf8"),
    eventType: last(eventHeaders.eventType) ?? (envelope?.eventType as string | undefined),
    correlationId: last(eventHeaders.correlationId),
    headers: headersAsTexts(record.headers),
    envelope,
    ...(decoded && !decoded.ok ? { undecodable: decoded.message } : {}),
  };
}

function line({
  time,
  topic,
  partition,
  offset,
  key,
  eventType,
  correlationId,
  envelope,
  undecodable,
  headers,
}: ReturnType<typeof describe>): string {
  const sequence =
    headers[eventHeaders.eventSequence] === undefined ? "" : ` #${[headers[eventHeaders.eventSequence]].flat().at(-1)}`;
  const data = undecodable === undefined ? JSON.stringify(envelope?.data ?? null) : `undecodable: ${undecodable}`;
  return visible(
    `${time.slice(11, 23)} ${topic}/${partition}@${offset} ${eventType ?? "?"} ${key ?? "(no key)"}${sequence} correlation-id=${correlationId ?? "-"} ${data}`,
  );
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
