import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { embeddedKafka } from "@weft/embedded";
import { kafkaBroker } from "@weft/messaging/kafkajs";

const isInstalled = spawnSync("kcat", ["-V"]).error === undefined;
if (!isInstalled)
  process.stdout.write("kcat is not installed here, so its tests are skipped (Debian: apt-get install kcat)\n");

/** librdkafka's own command line: a client that negotiates versions, and that nobody here wrote. */
(isInstalled ? describe : describe.skip)("kcat on the embedded broker", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-kcat-"));
  const server = embeddedKafka({ log: silentLogger }, { dataDir, port: 0 });
  let brokers: string;

  async function kcat(args: string[], input = ""): Promise<string> {
    const child = spawn("kcat", ["-b", brokers, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString("utf8");
    });
    child.stdin.end(input);
    const code = await new Promise((resolve) => child.once("close", resolve));
    if (code !== 0) throw new Error(`kcat ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }
  const lines = (text: string) => text.split("\n").filter(Boolean);
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`);

  beforeAll(async () => {
    await server.start();
    brokers = `${server.address.host}:${server.address.port}`;
    const broker = kafkaBroker({ log: silentLogger }, { brokers: [brokers], clientId: "kcat-test" });
    await broker.start();
    await broker.createTopics(
      ["plain", "gzip", "idempotent", "both", "group"].map((topic) => ({ topic, partitions: 2, replication: 1 })),
    );
    await broker.stop();
  });

  afterAll(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("-L lists brokers, topics and partitions", async () => {
    const metadata = JSON.parse(await kcat(["-L", "-J"]));
    expect(metadata.brokers).toEqual([{ id: 1, name: brokers }]);
    const plain = metadata.topics.find(({ topic }: { topic: string }) => topic === "plain");
    expect(plain.partitions).toHaveLength(2);
  });

  it.each([
    ["plain", []],
    ["gzip", ["-z", "gzip"]],
    ["idempotent", ["-X", "enable.idempotence=true"]],
    ["both", ["-z", "gzip", "-X", "enable.idempotence=true"]],
  ])("-P and -C bring everything through in order: %s", async (topic, options) => {
    await kcat(["-P", "-t", topic, "-p", "1", ...options], `${numbers(1_000).join("\n")}\n`);
    expect(lines(await kcat(["-C", "-t", topic, "-p", "1", "-e", "-q", "-X", "check.crcs=true"]))).toEqual(
      numbers(1_000),
    );
  });

  it("-C begins where it is told: an offset, the end, a time", async () => {
    const from = (offset: string) => kcat(["-C", "-t", "plain", "-p", "1", "-o", offset, "-e", "-q"]);
    expect(lines(await from("998"))).toEqual(["line 998", "line 999"]);
    expect(lines(await from("-1"))).toEqual(["line 999"]);
    expect(lines(await from(`s@${Date.now() + 60_000}`))).toEqual([]);
    expect(lines(await from(`s@${Date.now() - 3_600_000}`))).toHaveLength(1_000);
  });

  it("-P and -C carry keys, headers and null values", async () => {
    await kcat(["-P", "-t", "plain", "-p", "0", "-k", "a key", "-H", "event-id=1", "-Z"], "a value\n");
    expect((await kcat(["-C", "-t", "plain", "-p", "0", "-e", "-q", "-f", "%k|%h|%s"])).trim()).toBe(
      "a key|event-id=1|a value",
    );
  });

  it("-G joins a group, reads everything, and a second run goes on where the first one stopped", async () => {
    await kcat(["-P", "-t", "group"], `${numbers(100).join("\n")}\n`);
    const read = (count: number) =>
      kcat(["-G", "readers", "-q", "-c", String(count), "-X", "auto.offset.reset=earliest", "group"]);
    const first = lines(await read(60));
    const second = lines(await read(40));
    expect([...first, ...second].sort()).toEqual(numbers(100).sort());
  }, 180_000);
});
