import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { spawnEmbedded } from "@weft/embedded";
import { eventually } from "@weft/testkit";

/** A consumer whose sink has no room for more, until its partitions are taken. */
const program = `
  import { silentLogger } from "@weft/core";
  import { kafkaBroker } from "@weft/messaging/kafkajs";
  const log = { ...silentLogger, child: () => log, warn: (_, text) => console.log(text) };
  const broker = kafkaBroker({ log }, { brokers: [process.argv[1]], clientId: "paused" });
  await broker.start();
  await broker.createTopics([{ topic: "t", partitions: 1, replication: 1 }]);
  await broker.send([{ topic: "t", key: "a", value: Buffer.from("x"), headers: {} }]);
  let makeRoom = () => {};
  await broker.subscribe({ group: "g", topics: ["t"] }, {
    onAssigned() {},
    async onRevoked() { makeRoom(); },
    onRecords() { console.log("full"); return new Promise((resolve) => { makeRoom = resolve; }); },
  });`;

it("an outage while a partition is paused is an outage, and not the end of the process", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-paused-"));
  const kafka = await spawnEmbedded("kafka", { dataDir: join(folder, "kafka"), port: 0 });
  const flags = ["--conditions=@weft/source", "--disable-warning=ExperimentalWarning", "--input-type=module"];
  const consumer = spawn(process.execPath, [...flags, "-e", program, kafka.url], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: consumer.stdout }).on("line", (line) => lines.push(line));
  const ended = new Promise<number | null>((resolve) => consumer.once("exit", resolve));
  const rebuilt = () => lines.filter((line) => line.includes("another one is built")).length;
  try {
    await eventually("it is full", () => lines.includes("full"));
    await kafka.stop();
    const outcome = await Promise.race([ended, eventually("its client is built again, twice", () => rebuilt() > 1)]);
    expect(outcome).toBe(true);
  } finally {
    consumer.kill("SIGKILL");
    await ended;
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
