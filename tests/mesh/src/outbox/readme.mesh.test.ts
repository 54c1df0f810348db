import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { type EmbeddedProcess, type EmbeddedServerName, spawnEmbedded } from "@weft/embedded";
import { schemaRegistry } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const started: EmbeddedProcess[] = [];
let directory: string;
/** Address in a README → where the server is in this test. */
let addresses: Map<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "weft-readme-"));
  const start = async (name: EmbeddedServerName) => {
    const server = await spawnEmbedded(name, { dataDir: join(directory, name), port: 0 });
    started.push(server);
    return server;
  };
  const [kafka, registry, database] = await Promise.all([start("kafka"), start("schema-registry"), start("postgres")]);
  addresses = new Map([
    ["127.0.0.1:9092", kafka.url],
    ["http://127.0.0.1:8081", registry.url],
    ["127.0.0.1:5432", `127.0.0.1:${database.address.port}`],
  ]);
  await schemaRegistry({ log: silentLogger }, { url: registry.url }).registerAll();
  const broker = kafkaBroker({ log: silentLogger }, { brokers: [kafka.url], clientId: "readme" });
  await broker.start();
  await broker.createTopics([{ topic: "pricing.events", partitions: 6, replication: 1 }]);
  await broker.stop();
}, 120_000);

afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
  await rm(directory, { recursive: true, force: true });
});

it.each([
  ["messaging", "prod_1 costs 9.5\n"],
  ["outbox", 'published {"event_type":"PriceChanged","aggregate_id":"prod_1","event_sequence":1}\n'],
])(
  "the program in the README of %s runs beside the servers, says what it promises, and ends",
  async (name, output) => {
    const cwd = join(repository, "packages", name);
    let [, program = ""] = /```ts\n([\s\S]*?)```/.exec(await readFile(join(cwd, "README.md"), "utf8")) ?? [];
    for (const [written, here] of addresses) program = program.replaceAll(written, here);
    const flags = ["--conditions=@weft/source", "--input-type=module-typescript", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd, timeout: 80_000 });
    expect(stdout).toBe(output);
  },
  90_000,
);
