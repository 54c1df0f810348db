import { userInfo } from "node:os";
import { topics as declaredTopics, eventHeaders } from "@weft/contracts";
import { defineError } from "@weft/core";
import { type Broker, type IncomingRecord, lastHeader } from "@weft/messaging";
import type { PublishedEvent, PublishedState, Queryable, ResequencedAggregate } from "@weft/outbox";
import { Command } from "commander";
import { readTopic } from "../read-topic.ts";
import { WrongUse } from "../wrong-use.ts";
import { onDatabase, type ServiceDatabase, serviceDatabases } from "./databases.ts";
import { note, print, printJson, visible } from "./print.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

interface Options {
  service: string;
  key?: string;
  dryRun?: boolean;
}

const batchSize = 1_000;
const idleMs = 30_000;
const statementTimeoutMs = 10 * 60_000;
const shownAtMost = 20;
const sequencePattern = /^[1-9]\d{0,15}$/;

/** What is not read whole is not acted on: a counter below the topic's end would be wrong again. */
const TopicNotRead = defineError<{ topic: string; left: string }>({
  code: "TOPIC_NOT_READ",
  kind: "unavailable",
  retryable: true,
  message: ({ topic, left }) => `${topic} was not read to its end (${left} left): nothing was changed; try again`,
});

export function resequenceCommand(): Command {
  return withAddresses(
    new Command("resequence")
      .description("after a restore: makes the sequences of a service's events agree with its topics again")
      .requiredOption("--service <name>", "the service that publishes, such as pricing-service")
      .option("--key <id>", "one aggregate alone")
      .option("--dry-run", "only say what would be done"),
  ).action(
    inSession(async (session: Session, options: Options) => {
      const databases = serviceDatabases(session);
      const own = databases.find(({ service }) => service === options.service);
      if (!own) {
        const names = databases.map(({ service }) => service).join(", ");
        throw new WrongUse({ message: `${options.service} has no outbox here; there are ${names}` });
      }
      await act(session, own, databases, options);
    }),
  );
}

async function act(session: Session, own: ServiceDatabase, databases: ServiceDatabase[], options: Options) {
  const { service, key, dryRun = false } = options;
  const { resequence } = await import("@weft/outbox");
  const broker = await session.broker();
  let shown = 0;
  const onMatch = (aggregate: ResequencedAggregate) => {
    shown += 1;
    if (!session.json && shown <= shownAtMost) tell(aggregate);
  };
  const result = await onDatabase(
    session,
    own.database,
    async (client) => {
      const topics = await topicsOf(client);
      const state = publishedState(session, { broker, service, topics, databases });
      const selector = [`--service ${service}`, ...(key === undefined ? [] : [`--key ${key}`])].join(" ");
      return resequence(client, state, {
        isDryRun: dryRun,
        ...(key === undefined ? {} : { aggregateId: key }),
        actor: `weft-cli ${userInfo().username}`,
        selector,
        onMatch,
      });
    },
    statementTimeoutMs,
  );
  const { matched, done, failed, events, failure } = result;
  if (shown > shownAtMost && !session.json) print(`… and ${shown - shownAtMost} more`);
  if (failure) note(`${failed} aggregates were left as they were: ${(failure as Error).message}`);
  if (matched === 0 || failed > 0) process.exitCode = 1;
  if (session.json) return printJson({ matched, done, skipped: 0, failed, dryRun });
  if (matched === 0) return print(`${service}: every sequence agrees with the topics; nothing to do.`);
  const what = `${service}: ${matched} aggregates do not agree with the topics, ${events} events are to go out (again)`;
  print(dryRun ? `${what}; nothing was changed` : `${what}; ${done} put right, ${failed} failed`);
}

function tell({ topic, aggregateId, lastSequence, newLast, events }: ResequencedAggregate): void {
  const counter = newLast > lastSequence ? `counter ${lastSequence} → ${newLast}` : `counter stays ${lastSequence}`;
  print(`${topic} ${visible(aggregateId)}: ${counter}, ${events} events`);
}

/** Those that it has published to; all, where the backup is from before its first event. */
async function topicsOf(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ topic: string }>("SELECT DISTINCT topic FROM weft.aggregates ORDER BY topic");
  return rows.length > 0
    ? rows.map(({ topic }) => topic)
    : declaredTopics.filter(({ kind }) => kind === "events").map(({ name }) => name);
}

interface StateParts {
  broker: Broker;
  service: string;
  topics: string[];
  databases: ServiceDatabase[];
}

function publishedState(session: Session, { broker, service, topics, databases }: StateParts): PublishedState {
  return {
    async firstOffsets() {
      const all = await Promise.all(
        topics.map(async (topic) =>
          (await broker.topicOffsets(topic)).map(({ partition, first }) => ({ topic, partition, offset: first })),
        ),
      );
      return all.flat();
    },

    async events(take) {
      for (const topic of topics) await readBatches(broker, topic, (records) => take(eventsOf(records, service)));
    },

    async readers(take) {
      for (const { database } of databases) {
        await onDatabase(session, database, (client) => readPositions(client, topics, take), statementTimeoutMs);
      }
    },
  };
}

/** What this service's relay has sent: with its name, a sequence, and the aggregate as the key. */
function eventsOf(records: readonly IncomingRecord[], service: string): PublishedEvent[] {
  return records.flatMap(({ topic, partition, offset, key, headers }) => {
    const header = (name: string) => lastHeader(headers, name);
    const [sequence, eventId] = [header(eventHeaders.eventSequence) ?? "", header(eventHeaders.eventId)];
    const aggregateId = key?.toString();
    const isOwn = header(eventHeaders.source) === service && header(eventHeaders.aggregateId) === aggregateId;
    if (!isOwn || !aggregateId || !eventId || !sequencePattern.test(sequence)) return [];
    return [{ topic, aggregateId, sequence: Number(sequence), eventId, partition, offset }];
  });
}

/** Everything that the topic holds now, in batches. @throws TopicNotRead */
async function readBatches(
  broker: Broker,
  topic: string,
  take: (records: readonly IncomingRecord[]) => Promise<void>,
): Promise<void> {
  let batch: IncomingRecord[] = [];
  let read = 0;
  const progress = setInterval(() => note(`${topic}: ${read} records read`), 2_000).unref();
  const collect = async (record: IncomingRecord, isLast: boolean) => {
    batch.push({ ...record, value: null });
    read += 1;
    if (batch.length < batchSize && !isLast) return;
    const full = batch;
    batch = [];
    await take(full);
  };
  try {
    const left = await readTopic(broker, topic, collect, idleMs);
    if (left > 0) throw new TopicNotRead({ topic, left: `${left} partitions` });
  } finally {
    clearInterval(progress);
  }
}

async function readPositions(
  client: Queryable,
  topics: readonly string[],
  take: Parameters<PublishedState["readers"]>[0],
) {
  await client.query("BEGIN READ ONLY");
  await client.query(
    `DECLARE positions CURSOR FOR SELECT topic, aggregate_id AS "aggregateId", position::float8 AS position
     FROM weft.inbox_positions WHERE topic = ANY ($1) AND position > 0`,
    [topics],
  );
  for (;;) {
    const { rows } = await client.query(`FETCH ${batchSize} FROM positions`);
    if (rows.length === 0) break;
    await take(rows as unknown as { topic: string; aggregateId: string; position: number }[]);
  }
  await client.query("COMMIT");
}
