import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { noMetrics, silentLogger, sleep } from "@weft/core";
import { embeddedKafka } from "@weft/embedded";
import { type Broker, BrokerUnavailable } from "@weft/messaging";
import { type KafkaBrokerOptions, kafkaBroker } from "@weft/messaging/kafkajs";
import { eventually } from "@weft/testkit";
import { brokerConformance } from "@weft/testkit/conformance";
import { hostPort } from "@weft/testkit/infrastructure";
import { tcpProxy } from "./tcp-proxy.ts";

const sessionTimeoutMs = 10_000;
const heartbeatMs = 1000;
const minSessionTimeoutMs = 2000;

brokerConformance("kafkajs on the embedded broker", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-broker-"));
  const port = await hostPort();
  let server = embeddedKafka({ log: silentLogger }, { dataDir, port, minSessionTimeoutMs });
  await server.start();
  const broker = kafkaBroker(
    { log: silentLogger },
    { brokers: [`127.0.0.1:${port}`], clientId: "conformance", sessionTimeoutMs, heartbeatMs, fetchWaitMs: 100 },
  );
  await broker.start();
  return {
    broker,
    brokers: [`127.0.0.1:${port}`],
    sessionTimeoutMs,
    async restart() {
      await server.stop();
      server = embeddedKafka({ log: silentLogger }, { dataDir, port, minSessionTimeoutMs });
      await server.start();
    },
    async stop() {
      await broker.stop();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});

describe("the kafkajs driver", () => {
  const dirs: string[] = [];
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  async function startServer(options: { port?: number; advertised?: string } = {}) {
    const dataDir = mkdtempSync(join(tmpdir(), "weft-broker-"));
    dirs.push(dataDir);
    const server = embeddedKafka({ log: silentLogger }, { dataDir, port: 0, minSessionTimeoutMs, ...options });
    await server.start();
    stops.push(() => server.stop());
    return server;
  }

  const driver = (port: number, options: Partial<KafkaBrokerOptions> = {}) => {
    const broker = kafkaBroker(
      { log: silentLogger },
      { brokers: [`127.0.0.1:${port}`], clientId: "driver", sessionTimeoutMs, heartbeatMs, ...options },
    );
    stops.push(() => broker.stop());
    return broker;
  };

  /** Values of topic `t`, in the order in which they come. */
  async function valuesRead(broker: Broker) {
    const values: string[] = [];
    const subscription = await broker.subscribe(
      { group: "g", topics: ["t"] },
      {
        onAssigned() {},
        async onRevoked() {},
        async onRecords(_epoch, records) {
          values.push(...records.map(({ value }) => String(value)));
        },
      },
    );
    return { values, subscription };
  }

  it("starts when the brokers do, also when they come later", async () => {
    const port = await hostPort();
    const broker = driver(port);
    let isStarted = false;
    const starting = broker.start().then(() => {
      isStarted = true;
    });
    await sleep(300);
    expect(isStarted).toBe(false);
    await startServer({ port });
    await starting;
    expect(await broker.topics()).toEqual([]);
  });

  it("gives its wait up when it is stopped, or when it was told for how long", async () => {
    const port = await hostPort();
    const stopped = driver(port);
    const starting = stopped.start().catch((error) => error);
    await sleep(50);
    await stopped.stop();
    expect(BrokerUnavailable.is(await starting)).toBe(true);
    const bounded = await driver(port, { startTimeoutMs: 100 })
      .start()
      .catch((error) => error);
    expect(BrokerUnavailable.is(bounded)).toBe(true);
    const refused = await driver(port)
      .send([{ topic: "t", key: "k", value: null, headers: {} }])
      .catch((error) => error);
    expect(BrokerUnavailable.is(refused)).toBe(true);
  });

  it("reads again after its connections fell silent, without anybody's help (K2)", async () => {
    const { proxy, state } = await blackHoleProxy();
    stops.push(() => proxy.stop());
    const server = await startServer({ advertised: `127.0.0.1:${proxy.port}` });
    proxy.target = server.address.port;
    const broker = driver(proxy.port, { requestTimeoutMs: 2000 });
    await broker.start();
    await broker.createTopics([{ topic: "t", partitions: 1, replication: 1 }]);
    // Its own timeouts would take a minute to notice.
    const reader = driver(proxy.port, { requestTimeoutMs: 60_000, sessionTimeoutMs: 2000 });
    const { values, subscription } = await valuesRead(reader);
    const send = (value: string) => broker.send([{ topic: "t", key: "k", value: Buffer.from(value), headers: {} }]);
    await send("before");
    await eventually("the first record", () => values.includes("before"));
    state.isSwallowing = true;
    const lost = await send("lost?").catch((error) => error);
    expect(BrokerUnavailable.is(lost)).toBe(true);
    // Longer than a client lives in silence: the age must not begin anew with the next one.
    const noticed = () => subscription.idleMs() > 2 * subscription.sessionTimeoutMs + 1000;
    await eventually("silence is noticed", noticed, { timeoutMs: 20_000 });
    // What is open stays silent for ever; only new connections get through.
    state.isSwallowing = false;
    await send("after");
    await eventually("the record after", () => values.includes("after"), { timeoutMs: 45_000 });
  }, 180_000);

  it("reads a partition soon after it is resumed, however long a fetch may wait", async () => {
    const server = await startServer();
    const broker = driver(server.address.port, { fetchWaitMs: 60_000 });
    await broker.start();
    await broker.createTopics([{ topic: "t", partitions: 2, replication: 1 }]);
    const { values, subscription } = await valuesRead(broker);
    await subscription.joined;
    const partition = { topic: "t", partition: 0 };
    subscription.pause([partition]);
    // The second is what the fetch brings that was under way; the next one leaves the paused partition out.
    const send = (partition: number, value: string) =>
      broker.send([{ topic: "t", key: "k", value: Buffer.from(value), headers: {}, partition }]);
    await send(0, "while it is paused");
    await send(1, "of the other");
    await eventually("the other partition", () => values.includes("of the other"));
    subscription.resume([partition]);
    await eventually("the one that was paused", () => values.includes("while it is paused"));
    // Ends the fetch that a stop would wait for.
    await server.stop();
  }, 60_000);

  it("counts the clients that end while they hold partitions, with the reason", async () => {
    const server = await startServer();
    const rebuilds: object[] = [];
    const metrics = {
      ...noMetrics,
      counter: (name: string) => ({
        add: (by: number, labels?: object) =>
          void (name === "weft_consumer_rebuilds_total" && rebuilds.push({ by, ...labels })),
      }),
    };
    const broker = kafkaBroker(
      { log: silentLogger, metrics },
      { brokers: [`127.0.0.1:${server.address.port}`], clientId: "driver", sessionTimeoutMs, heartbeatMs },
    );
    stops.push(() => broker.stop());
    await broker.start();
    await broker.createTopics([{ topic: "t", partitions: 1, replication: 1 }]);
    await broker.send([{ topic: "t", key: "k", value: Buffer.from("poison"), headers: {} }]);
    const { rebuilds: lately } = await broker.subscribe(
      { group: "g", topics: ["t"] },
      {
        onAssigned() {},
        async onRevoked() {},
        onRecords: () => Promise.reject(new Error("it does not fit")),
      },
    );
    await eventually("it was built anew again and again", () => lately().count >= 5, { timeoutMs: 60_000 });
    expect(lately()).toMatchObject({ withinMs: 300_000, reason: expect.stringContaining("it does not fit") });
    expect(rebuilds.length).toBeGreaterThanOrEqual(4);
    expect(rebuilds[0]).toEqual({ by: 1, group: "g" });
  }, 90_000);

  it("arms no timer for the past and wakes up seldom when nothing happens (Node 24)", async () => {
    const server = await startServer();
    const broker = driver(server.address.port);
    await broker.start();
    await broker.createTopics([{ topic: "t", partitions: 1, replication: 1 }]);
    await broker.send([{ topic: "t", key: "k", value: null, headers: {} }]);
    const delays: number[] = [];
    const original = globalThis.setTimeout;
    const counting = (work: () => void, delayMs = 0) => {
      delays.push(delayMs);
      return original(work, delayMs);
    };
    globalThis.setTimeout = Object.assign(counting, original) as typeof setTimeout;
    try {
      await broker.send([{ topic: "t", key: "k", value: null, headers: {} }]);
      await sleep(500);
    } finally {
      globalThis.setTimeout = original;
    }
    expect(delays.filter((delayMs) => delayMs < 0)).toEqual([]);
    expect(delays.length).toBeLessThan(50);
  });
});

/** Passes bytes on, until it swallows them: connections that were open then stay open and silent, as behind a dead firewall. */
async function blackHoleProxy() {
  const state = { isSwallowing: false };
  const proxy = await tcpProxy((near, far) => {
    let isDead = state.isSwallowing;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.on("data", (bytes) => {
        isDead ||= state.isSwallowing;
        if (!isDead) to.write(bytes);
      });
    return { endsTogether: () => !isDead };
  });
  return { proxy, state };
}
