import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { type EmbeddedProcess, embeddedKafka, spawnEmbedded } from "@weft/embedded";
import { eventually } from "@weft/testkit";
import { embeddedKafkaDeviations, kafkaConformance } from "@weft/testkit/conformance";
import { hostPort } from "@weft/testkit/infrastructure";
import { Kafka, logLevel, type Producer } from "kafkajs";

kafkaConformance(
  "embedded",
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "weft-kafka-"));
    const broker = embeddedKafka({ log: silentLogger }, { dataDir, port: 0, cleanupIntervalMs: 300 });
    await broker.start();
    return {
      brokers: [`127.0.0.1:${broker.address.port}`],
      async stop() {
        await broker.stop();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  },
  { deviations: "embedded" },
);

describe("embedded Kafka", () => {
  it("says in its README what it does not do as Apache Kafka does", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../../packages/embedded/README.md"), "utf8");
    const documented = Object.entries(embeddedKafkaDeviations).filter(
      ([sentence, why]) => text.includes(`| ${sentence} `) && text.includes(`| ${why} `),
    );
    expect(documented).toHaveLength(Object.keys(embeddedKafkaDeviations).length);
  });

  it.each([
    ["a port that is taken", "EMBEDDED_PORT_IN_USE"],
    ["a data directory that is taken", "EMBEDDED_DATA_DIRECTORY_IN_USE"],
    ["data of another format", "EMBEDDED_DATA_FORMAT"],
    ["a data directory that is a file", "EMBEDDED_DATA_DIRECTORY_UNUSABLE"],
  ])("does not start with %s, and says so", async (what, code) => {
    const dataDir = mkdtempSync(join(tmpdir(), "weft-kafka-"));
    const other = embeddedKafka({ log: silentLogger }, { dataDir: join(dataDir, "other"), port: 0 });
    await other.start();
    const wrong = {
      dataDir: join(dataDir, what === "a data directory that is taken" ? "other" : "mine"),
      port: what === "a port that is taken" ? other.address.port : 0,
    };
    if (what === "data of another format") {
      mkdirSync(wrong.dataDir);
      writeFileSync(join(wrong.dataDir, "format.json"), '{"server":"kafka","version":99}');
    }
    if (what === "a data directory that is a file") writeFileSync(wrong.dataDir, "");
    try {
      await expect(embeddedKafka({ log: silentLogger }, wrong).start()).rejects.toMatchObject({ code });
    } finally {
      await other.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

/** What was acknowledged, by partition and offset. A second value at one place would be an offset given twice. */
class Acknowledged {
  readonly byPlace = new Map<string, string>();
  readonly twice: string[] = [];

  add(partition: number, offset: number, value: string): void {
    const place = `${partition}/${offset}`;
    if (this.byPlace.has(place)) this.twice.push(place);
    this.byPlace.set(place, value);
  }
}

describe("embedded Kafka, killed again and again", () => {
  const kills = 100;
  const topic = "kill.events";
  const retry = { initialRetryTime: 50, maxRetryTime: 200, retries: 200 };
  let dataDir = "";
  let broker: EmbeddedProcess | undefined;
  const ending: (() => Promise<unknown>)[] = [];

  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), "weft-kafka-kill-"));
  });
  afterAll(async () => {
    await Promise.all(ending.map((end) => end()));
    await broker?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("loses nothing acknowledged, gives no offset twice, stores what an idempotent producer repeats once", async () => {
    const port = await hostPort();
    broker = await spawnEmbedded("kafka", { dataDir, port });
    const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, retry });
    const admin = kafka.admin();
    await admin.connect();
    ending.push(() => admin.disconnect());
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });

    const acknowledged = new Acknowledged();
    // One each: kafkajs's broker pool loses its seed broker when concurrent sends reconnect, and gives up for good.
    const producers = [0, 1, 2].map(() => kafka.producer({ idempotent: true, retry }));
    for (const producer of producers) {
      await producer.connect();
      ending.push(() => producer.disconnect());
    }
    let isProducing = true;
    let sent = 0;
    const produce = async (producer: Producer, partition: number) => {
      while (isProducing) {
        const values = [0, 1, 2].map(() => `value-${sent++}`);
        const messages = values.map((value) => ({ value, partition }));
        const [result] = await producer.send({ topic, acks: -1, messages });
        for (const [index, value] of values.entries())
          acknowledged.add(partition, Number(result?.baseOffset) + index, value);
      }
    };

    const consumed = new Map<string, string>();
    // Lives only while the broker does: a kafkajs consumer that meets many crashes may stop in silence (failure mode K2).
    const readUntil = async (condition: () => boolean) => {
      const consumer = kafka.consumer({ groupId: "kill-reader", maxWaitTimeInMs: 200, retry });
      await consumer.connect();
      try {
        await consumer.subscribe({ topic, fromBeginning: true });
        await consumer.run({
          eachMessage: async ({ partition, message }) => {
            consumed.set(`${partition}/${message.offset}`, message.value?.toString() ?? "");
          },
        });
        await eventually("everything has been read", condition, { timeoutMs: 60_000 });
      } finally {
        await consumer.disconnect();
      }
    };
    const committed = async () => {
      const [offsets] = await admin.fetchOffsets({ groupId: "kill-reader", topics: [topic] });
      return offsets?.partitions.map(({ partition, offset }) => `${partition}/${offset}`).sort();
    };
    for (const [partition, producer] of producers.entries())
      await producer.send({ topic, acks: -1, messages: [{ value: `first of ${partition}`, partition }] });
    await readUntil(() => consumed.size === 3);
    expect(await committed()).toEqual(["0/1", "1/1", "2/1"]);

    const producing = Promise.all(producers.map(produce));
    const startTimes: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const before = acknowledged.byPlace.size;
      await eventually("acknowledgements go on", () => acknowledged.byPlace.size > before + 60, { timeoutMs: 60_000 });
      process.kill(broker.pid, "SIGKILL");
      await broker.exited;
      broker = await spawnEmbedded("kafka", { dataDir, port });
      startTimes.push(broker.startedInMs);
    }
    isProducing = false;
    await producing;
    expect(await committed()).toEqual(["0/1", "1/1", "2/1"]);
    const ends = await admin.fetchTopicOffsets(topic);

    const stored = ends.reduce((sum, { high }) => sum + Number(high), 0);
    await readUntil(() => consumed.size >= stored);
    const lost = [...acknowledged.byPlace].filter(([place, value]) => consumed.get(place) !== value).length;
    const values = [...consumed.values()];
    console.log(
      `${kills} kills: ${acknowledged.byPlace.size} acknowledged, ${stored} stored, ${lost} lost; restart ≤ ${Math.max(...startTimes)} ms`,
    );
    expect(lost).toBe(0);
    expect(acknowledged.twice).toEqual([]);
    expect(new Set(values).size).toBe(values.length);
    expect(values.length).toBe(stored);
  }, 800_000);
});
