import { appendFileSync } from "node:fs";
import { createLogger } from "@weft/core";
import { type Broker, lastHeader, type OutgoingRecord } from "@weft/messaging";
import { outboxRelay, postgres } from "@weft/outbox";
import { newOutbox, schemas } from "./fixtures.ts";

/** A relay in a process of its own, to be stopped and killed. Its topic is a file: one appended line for each record. */
const [source = "", topicFile = "", owner = ""] = process.argv.slice(2);
const log = createLogger({ name: owner, version: "0", instanceId: owner }, { level: "error" });
const broker = {
  async send(records: readonly OutgoingRecord[]) {
    const line = ({ headers }: OutgoingRecord) =>
      `${lastHeader(headers, "aggregate-id")} ${lastHeader(headers, "event-sequence")} ${owner}\n`;
    await new Promise((resolve) => setTimeout(resolve, 2));
    appendFileSync(topicFile, records.map(line).join(""));
    await new Promise((resolve) => setTimeout(resolve, 2));
  },
} as unknown as Broker;
const database = postgres({ log }, { source });
const relay = outboxRelay(
  { database, outbox: newOutbox(), broker, schemas, log },
  { owner, leaseMs: 1_000, renewMs: 200, batchSize: 20, idlePollMs: 50 },
);
await database.start();
await relay.start();
process.send?.("ready");
process.on("disconnect", () => process.exit(0));
