import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { embeddedKafka } from "@weft/embedded";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { eventually } from "@weft/testkit";

const isInstalled = spawnSync("kcat", ["-V"]).error === undefined;
if (!isInstalled)
  process.stdout.write("kcat is not installed here, so its tests are skipped (Debian: apt-get install kcat)\n");

/** librdkafka's own command line: a client that negotiates versions, and that nobody here wrote. */
(isInstalled ? describe : describe.skip)("kcat on the embedded broker", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-kcat-"));
  const server = embeddedKafka({ log: silentLogger }, { dataDir, port: 0 });
  let brokers: string;
  let broker: ReturnType<typeof kafkaBroker>;

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
    broker = kafkaBroker({ log: silentLogger }, { brokers: [brokers], clientId: "kcat-test" });
    await broker.start();
    await broker.createTopics(
      ["plain", "gzip", "idempotent", "both", "group", "codecs"].map((topic) => ({
        topic,
        partitions: 2,
        replication: 1,
      })),
    );
    await broker.createTopics([{ topic: "keys", partitions: 6, replication: 1 }]);
  });

  afterAll(async () => {
    await broker.stop();
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

  it("-z gzip, snappy, lz4 and zstd are read by the driver, in order", async () => {
    const codecs = ["gzip", "snappy", "lz4", "zstd"];
    for (const codec of codecs) {
      const values = numbers(500).map((line) => `${codec} ${line}`);
      await kcat(["-P", "-t", "codecs", "-p", "0", "-z", codec, "-X", "linger.ms=50"], `${values.join("\n")}\n`);
    }
    const read: string[] = [];
    const tail = await broker.tail({ topics: ["codecs"], from: "beginning" }, ({ value }) => read.push(String(value)));
    await eventually("all of them", () => read.length === 2000);
    await tail.stop();
    expect(read).toEqual(codecs.flatMap((codec) => numbers(500).map((line) => `${codec} ${line}`)));
  });

  it("puts keys into the partitions in which the driver puts them, with partitioner=murmur2_random", async () => {
    const keys = numbers(60).map((line) => `key-${line}`);
    const input = `${keys.map((key) => `${key}|theirs`).join("\n")}\n`;
    await kcat(["-P", "-t", "keys", "-K", "|", "-X", "partitioner=murmur2_random"], input);
    await broker.send(keys.map((key) => ({ topic: "keys", key, value: Buffer.from("ours"), headers: {} })));
    const partitions = new Map<string, Set<number>>();
    let count = 0;
    const tail = await broker.tail({ topics: ["keys"], from: "beginning" }, ({ key, partition }) => {
      count += 1;
      partitions.set(String(key), (partitions.get(String(key)) ?? new Set()).add(partition));
    });
    await eventually("all of them", () => count === 120);
    await tail.stop();
    expect([...partitions.values()].filter((set) => set.size !== 1)).toEqual([]);
    expect(new Set([...partitions.values()].flatMap((set) => [...set])).size).toBe(6);
  });

  it("headers that repeat come to the driver in their order, and from it to kcat", async () => {
    await kcat(["-P", "-t", "plain", "-p", "0", "-k", "many", "-H", "a=1", "-H", "b=2", "-H", "a=3"], "x\n");
    const seen: string[][] = [];
    const tail = await broker.tail({ topics: ["plain"], from: "beginning" }, ({ key, headers }) => {
      if (String(key) !== "many") return;
      seen.push(headers.map(([name, value]) => `${name}=${value}`));
    });
    await eventually("theirs", () => seen.length === 1);
    const headers = [
      ["c", "1"],
      ["a", "2"],
      ["c", "3"],
    ] as const;
    await broker.send([{ topic: "plain", key: "many", value: Buffer.from("y"), headers, partition: 0 }]);
    await eventually("ours", () => seen.length === 2);
    await tail.stop();
    expect(seen).toEqual([
      ["a=1", "b=2", "a=3"],
      ["c=1", "a=2", "c=3"],
    ]);
    const formatted = await kcat(["-C", "-t", "plain", "-p", "0", "-e", "-q", "-o", "-1", "-f", "%h"]);
    expect(formatted).toBe("c=1,a=2,c=3");
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
