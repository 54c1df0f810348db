import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { embeddedKafka } from "@weft/embedded";
import { imageOf, ownLabels } from "@weft/testkit/infrastructure";
import { Kafka, logLevel } from "kafkajs";

const image = imageOf("WEFT_IMAGE_KAFKA");
const toolMs = 120_000;

interface Outcome {
  stdout: string;
  stderr: string;
  code: number | null;
}

function run(command: string, args: string[], input = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    const outcome: Outcome = { stdout: "", stderr: "", code: null };
    child.stdout.on("data", (chunk: Buffer) => {
      outcome.stdout += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      outcome.stderr += chunk.toString("utf8");
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...outcome, code }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** Apache Kafka's own command line tools, which are its Java client, against the embedded broker. */
describe("Apache Kafka's tools on the embedded broker", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-kafka-tools-"));
  const server = embeddedKafka({ log: silentLogger }, { dataDir, port: 0 });
  let container = "";
  let brokers = "";

  async function tool(name: string, args: string[], input = ""): Promise<string> {
    const path = `/opt/kafka/bin/${name}.sh`;
    const heap = ["-e", "KAFKA_HEAP_OPTS=-Xmx128m"];
    const outcome = await run("docker", ["exec", "-i", ...heap, container, path, ...args], input);
    if (outcome.code !== 0)
      throw new Error(`${name} ${args.join(" ")} ended with ${outcome.code}:\n${outcome.stderr}\n${outcome.stdout}`);
    return outcome.stdout;
  }
  const on = (...args: string[]) => ["--bootstrap-server", brokers, ...args];
  const lines = (text: string) => text.split("\n").filter(Boolean);
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);
  const consume = async (topic: string, count: number, ...more: string[]) => {
    const bounds = ["--from-beginning", "--max-messages", String(count), "--timeout-ms", "60000"];
    return lines(await tool("kafka-console-consumer", on("--topic", topic, ...bounds, ...more)));
  };

  beforeAll(async () => {
    await server.start();
    brokers = `${server.address.host}:${server.address.port}`;
    // That kafka-topics can do it is shown once: each call of a tool starts a Java machine.
    const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topic = (name: string, numPartitions = 1) => ({ topic: name, numPartitions });
    await admin.createTopics({
      topics: [
        ...["configs", "console", "groups", "transactions", "verified", "deleted"].map((name) => topic(name)),
        topic("perf", 3),
      ],
    });
    await admin.disconnect();
    const entry = ["--entrypoint", "sleep", image, "900"];
    const labels = Object.entries(ownLabels("kafka-tools")).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
    const started = await run("docker", ["run", "-d", "--rm", ...labels, "--network", "host", ...entry]);
    if (started.code !== 0)
      throw new Error(`${image} cannot be started; WEFT_IMAGE_KAFKA names another image:\n${started.stderr}`);
    container = started.stdout.trim();
  }, toolMs);

  afterAll(async () => {
    if (container) await run("docker", ["rm", "--force", "--volumes", container]);
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, toolMs);

  it(
    "kafka-topics creates, describes, grows, lists and deletes",
    async () => {
      await tool("kafka-topics", on("--create", "--topic", "topics", "--partitions", "2"));
      await tool("kafka-topics", on("--alter", "--topic", "topics", "--partitions", "3"));
      const described = await tool("kafka-topics", on("--describe", "--topic", "topics"));
      expect(described).toMatch(/Topic: topics\s.*PartitionCount: 3\s+ReplicationFactor: 1/);
      expect(described.match(/Leader: 1/g)).toHaveLength(3);
      expect(lines(await tool("kafka-topics", on("--list")))).toContain("topics");
      await tool("kafka-topics", on("--delete", "--topic", "topics"));
      expect(lines(await tool("kafka-topics", on("--list")))).not.toContain("topics");
    },
    toolMs,
  );

  it(
    "kafka-configs changes and describes",
    async () => {
      const entity = ["--entity-type", "topics", "--entity-name", "configs"];
      await tool("kafka-configs", on("--alter", ...entity, "--add-config", "retention.ms=12345"));
      expect(await tool("kafka-configs", on("--describe", ...entity))).toMatch(/retention\.ms=12345/);
    },
    toolMs,
  );

  it(
    "kafka-console-producer and -consumer bring everything through in order",
    async () => {
      await tool("kafka-console-producer", on("--topic", "console"), `${numbers(500).join("\n")}\n`);
      expect(await consume("console", 500)).toEqual(numbers(500));
    },
    toolMs,
  );

  it(
    "kafka-consumer-groups lists, describes, resets and deletes a group",
    async () => {
      await tool("kafka-console-producer", on("--topic", "groups"), `${numbers(50).join("\n")}\n`);
      await consume("groups", 50, "--group", "readers");
      expect(lines(await tool("kafka-consumer-groups", on("--list")))).toContain("readers");
      const describe = () => tool("kafka-consumer-groups", on("--describe", "--group", "readers"));
      expect(await describe()).toMatch(/readers\s+groups\s+0\s+50\s+50\s+0\s/);
      const reset = ["--reset-offsets", "--to-earliest", "--topic", "groups", "--execute"];
      await tool("kafka-consumer-groups", on("--group", "readers", ...reset));
      expect(await describe()).toMatch(/readers\s+groups\s+0\s+0\s+50\s+50\s/);
      await tool("kafka-consumer-groups", on("--delete", "--group", "readers"));
      expect(lines(await tool("kafka-consumer-groups", on("--list")))).not.toContain("readers");
    },
    2 * toolMs,
  );

  it(
    "kafka-producer-perf-test writes idempotently, and every record is there",
    async () => {
      const load = ["--num-records", "20000", "--record-size", "200", "--throughput", "-1"];
      const props = ["--producer-props", `bootstrap.servers=${brokers}`, "acks=all", "enable.idempotence=true"];
      expect(await tool("kafka-producer-perf-test", ["--topic", "perf", ...load, ...props])).toMatch(
        /20000 records sent/,
      );
      const offsets = lines(await tool("kafka-get-offsets", on("--topic", "perf")));
      expect(offsets.reduce((sum, line) => sum + Number(line.split(":")[2]), 0)).toBe(20_000);
    },
    toolMs,
  );

  it(
    "kafka-producer-perf-test writes in transactions, and kafka-console-consumer reads what is committed",
    async () => {
      const load = ["--num-records", "2000", "--record-size", "50", "--throughput", "1000"];
      const transactions = ["--transactional-id", "perf", "--transaction-duration-ms", "200"];
      const props = ["--producer-props", `bootstrap.servers=${brokers}`];
      await tool("kafka-producer-perf-test", ["--topic", "transactions", ...load, ...transactions, ...props]);
      expect(await consume("transactions", 2000, "--isolation-level", "read_committed")).toHaveLength(2000);
      const [end] = lines(await tool("kafka-get-offsets", on("--topic", "transactions")));
      // Each transaction ended with a marker.
      expect(Number(end?.split(":")[2])).toBeGreaterThan(2001);
      expect(await tool("kafka-transactions", on("list"))).toMatch(/perf\s+\d+\s+\d+\s+CompleteCommit/);
    },
    2 * toolMs,
  );

  it(
    "kafka-verifiable-producer is acknowledged for everything, and kafka-verifiable-consumer reads it",
    async () => {
      const produced = await tool("kafka-verifiable-producer", [
        ...on("--topic", "verified", "--max-messages", "1000", "--acks", "-1"),
      ]);
      expect(produced).toMatch(/"acked":1000/);
      const consumed = await tool("kafka-verifiable-consumer", [
        ...on("--topic", "verified", "--group-id", "verifiers", "--max-messages", "1000", "--reset-policy", "earliest"),
      ]);
      const counts = [...consumed.matchAll(/"name":"records_consumed".*?"count":(\d+)/g)].map(([, count]) => count);
      const other = [...consumed.matchAll(/"count":(\d+).*?"name":"records_consumed"/g)].map(([, count]) => count);
      const total = (counts.length > 0 ? counts : other).reduce((sum, count) => sum + Number(count), 0);
      expect(total).toBe(1000);
      expect(consumed).toMatch(/"success":true/);
    },
    2 * toolMs,
  );

  it(
    "kafka-delete-records moves the start of a partition",
    async () => {
      await tool("kafka-console-producer", on("--topic", "deleted"), "a\nb\nc\n");
      const wanted = { version: 1, partitions: [{ topic: "deleted", partition: 0, offset: 2 }] };
      const file = on("--offset-json-file", "/dev/stdin");
      expect(await tool("kafka-delete-records", file, JSON.stringify(wanted))).toMatch(/low_watermark: 2/);
      expect(await consume("deleted", 1)).toEqual(["c"]);
    },
    toolMs,
  );
});
