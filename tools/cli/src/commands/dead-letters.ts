import { decodeWire } from "@weft/contracts";
import { NotFound } from "@weft/core";
import { type Broker, headersAsTexts, type IncomingRecord, lastHeader } from "@weft/messaging";
import { Command } from "commander";
import { readTopic } from "../read-topic.ts";
import { deadLetterTopics } from "../topics.ts";
import { WrongUse } from "../wrong-use.ts";
import { note, printJson, printRows } from "./print.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

const idleMs = 10_000;
const maxListed = 1_000;

/** Everything that a dead-letter topic holds now, oldest first, at most the last 1,000. */
async function readAll(broker: Broker, topic: string): Promise<IncomingRecord[]> {
  const records: IncomingRecord[] = [];
  const keep = (record: IncomingRecord) => {
    records.push(record);
    if (records.length > maxListed) records.shift();
  };
  await readTopic(broker, topic, keep, idleMs);
  return records;
}

const header = (record: IncomingRecord, name: string) => lastHeader(record.headers, name) ?? "";

function summary(record: IncomingRecord) {
  return {
    id: `${record.topic}:${record.partition}:${record.offset}`,
    failed_at: header(record, "dlq-failed-at"),
    reason: header(record, "dlq-reason"),
    type: header(record, "event-type"),
    key: record.key?.toString("utf8") ?? "",
    from: `${header(record, "dlq-topic")}/${header(record, "dlq-partition")}@${header(record, "dlq-offset")}`,
    error: header(record, "dlq-error").slice(0, 100),
  };
}

export function dlqCommand(): Command {
  const command = new Command("dlq").description("dead letters: events that a service could not take");
  command.addCommand(
    withAddresses(
      new Command("list")
        .description("dead letters of all services, or of one; the newest, oldest of them first")
        .argument("[group]", "such as catalog-service")
        .option("--limit <n>", "how many of each service, at most 1000", "20"),
    ).action(
      inSession(async (session: Session, group: string | undefined, options: { limit: string }) => {
        const limit = Number(options.limit);
        if (!Number.isInteger(limit) || limit < 1 || limit > maxListed) {
          throw new WrongUse({ message: `--limit takes a number from 1 to ${maxListed}, and is ${options.limit}` });
        }
        const wanted = deadLetterTopics().filter(
          (topic) => group === undefined || topic === `${group}.dlq` || topic === group,
        );
        if (wanted.length === 0)
          throw new WrongUse({
            message: `${group} has no dead-letter topic; there are ${deadLetterTopics().join(", ")}`,
          });
        const broker = await session.broker();
        const present = new Set((await broker.topics()).map(({ topic }) => topic));
        const rows: Record<string, unknown>[] = [];
        for (const topic of wanted.filter((name) => present.has(name))) {
          const records = await readAll(broker, topic);
          rows.push(...records.slice(-limit).map(summary));
          if (records.length > limit)
            note(`${topic}: the newest ${limit} of ${records.length === maxListed ? "1,000 or more" : records.length}`);
        }
        printRows(session.json, rows, "No dead letters.");
      }),
    ),
  );
  command.addCommand(
    withAddresses(
      new Command("show")
        .description("one dead letter, whole")
        .argument("<id>", "as `dlq list` shows it: catalog-service.dlq:0:17"),
    ).action(
      inSession(async (session: Session, id: string) => {
        const [, topic, partition, offset] = /^(.+):(\d+):(\d+)$/.exec(id) ?? [];
        if (topic === undefined || !deadLetterTopics().includes(topic)) {
          throw new WrongUse({ message: `${id} is not a dead letter's id; \`pnpm weft dlq list\` shows them` });
        }
        const records = await readAll(await session.broker(), topic);
        const record = records.find(
          (one) => one.partition === Number(partition) && one.offset === BigInt(offset ?? "-1"),
        );
        if (!record) throw new NotFound({ what: `dead letter ${id}` });
        const decoded = record.value === null ? undefined : decodeWire(record.value);
        printJson({
          ...summary(record),
          error: header(record, "dlq-error"),
          headers: headersAsTexts(record.headers),
          ...(decoded?.ok ? { envelope: decoded.json } : { base64: record.value?.toString("base64") ?? null }),
        });
      }),
    ),
  );
  return command;
}
