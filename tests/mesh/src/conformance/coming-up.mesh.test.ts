import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger, sleep } from "@weft/core";
import { embeddedKafka } from "@weft/embedded";
import type { Broker } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { eventually } from "@weft/testkit";
import { type TcpProxy, tcpProxy } from "./tcp-proxy.ts";

/** Longer than all that kafkajs repeats by itself. */
const comingUpMs = 4000;
const newTopic = "new";

interface Refusal {
  apiKey: number;
  body: number[];
}

const int16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const int32 = (value: number) => [...int16(value >> 16), ...int16(value)];
const int64 = (value: number) => [...int32(value < 0 ? -1 : 0), ...int32(value)];
const emptyString = int16(0);
const notLeaderForPartition = int16(6);
const groupLoadInProgress = int16(14);

/** In the versions that kafkajs sends: JoinGroup v5, OffsetFetch v3 to v5, ListOffsets v2 and v3: https://kafka.apache.org/protocol */
const refusals = {
  joinGroup: {
    apiKey: 11,
    body: [int32(0), groupLoadInProgress, int32(-1), emptyString, emptyString, emptyString, int32(0)].flat(),
  },
  offsetFetch: { apiKey: 9, body: [int32(0), int32(0), groupLoadInProgress].flat() },
  /** For the one partition of `newTopic`. */
  listOffsets: {
    apiKey: 2,
    body: [
      int32(0),
      int32(1),
      int16(newTopic.length),
      [...Buffer.from(newTopic)],
      int32(1),
      int32(0),
      notLeaderForPartition,
      int64(-1),
      int64(-1),
    ].flat(),
  },
} satisfies Record<string, Refusal>;

/** A cluster answers like this until its coordinators have read the topic of offsets and a new topic's leaders have its logs. */
describe("the kafkajs driver on a cluster that is coming up", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-coming-up-"));
  let proxy: TcpProxy;
  let cluster: ClusterComingUp;
  let server: ReturnType<typeof embeddedKafka>;
  let broker: Broker;

  beforeAll(async () => {
    ({ proxy, state: cluster } = await comingUpProxy());
    server = embeddedKafka({ log: silentLogger }, { dataDir, port: 0, advertised: `127.0.0.1:${proxy.port}` });
    await server.start();
    proxy.target = server.address.port;
    broker = kafkaBroker({ log: silentLogger }, { brokers: [`127.0.0.1:${proxy.port}`], clientId: "coming-up" });
    await broker.start();
    await broker.createTopics([{ topic: "t", partitions: 1, replication: 1 }]);
    await broker.send([{ topic: "t", key: "k", value: Buffer.from("v"), headers: {} }]);
  });

  afterAll(async () => {
    await broker.stop();
    await server.stop();
    await proxy.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Resolves when `waiting` has been told several times to come back later, and the cluster is up. */
  async function whileRefused<T>(refused: Refusal, waiting: () => Promise<T>, { cuts = false } = {}): Promise<T> {
    Object.assign(cluster, { refused, refusals: 0, cuts });
    const answer = waiting();
    try {
      await Promise.race([
        answer,
        sleep(comingUpMs).then(() => eventually("it was told so several times", () => cluster.refusals > 4)),
      ]);
    } finally {
      cluster.refused = undefined;
    }
    expect(cluster.refusals).toBeGreaterThan(4);
    return answer;
  }

  it.each([
    ["", false],
    [", also where it cuts the connection meanwhile", true],
  ])("tails once the coordinator has loaded%s", async (_, cuts) => {
    const seen: string[] = [];
    const tail = await whileRefused(
      refusals.joinGroup,
      () => broker.tail({ topics: ["t"], from: "beginning" }, ({ value }) => seen.push(String(value))),
      { cuts },
    );
    await eventually("the record", () => seen.length > 0);
    expect(seen).toEqual(["v"]);
    await tail.stop();
  });

  it("tells a group's offsets once the coordinator has loaded", async () => {
    expect(await whileRefused(refusals.offsetFetch, () => broker.groupOffsets("nobody"))).toEqual([]);
  });

  it("has created a topic when its leader leads, also where that is not the one that was named first", async () => {
    const topic = { topic: newTopic, partitions: 1, replication: 1 };
    expect(await whileRefused(refusals.listOffsets, () => broker.createTopics([topic]))).toEqual({
      created: [newTopic],
    });
  });
});

interface ClusterComingUp {
  /** What is not served yet. */
  refused?: Refusal | undefined;
  /** How often it was asked meanwhile. */
  refusals: number;
  /** Whether it ends the connection in place of an answer. */
  cuts: boolean;
}

/** Passes bytes on, and answers itself what the cluster does not serve yet. */
async function comingUpProxy() {
  const state: ClusterComingUp = { refusals: 0, cuts: false };
  const proxy = await tcpProxy((near, far) => {
    // To a client that was led to it as to a leader, a broker that does not lead remains that.
    const always = state.refused === refusals.listOffsets ? refusals.listOffsets : undefined;
    let unread: Buffer = Buffer.alloc(0);
    near.on("data", (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= 4 && unread.length >= 4 + unread.readInt32BE(0)) {
        const frame = unread.subarray(0, 4 + unread.readInt32BE(0));
        unread = unread.subarray(frame.length);
        const refusal = [state.refused, always].find((each) => each?.apiKey === frame.readInt16BE(4));
        if (refusal) state.refusals += 1;
        if (refusal && state.cuts) near.destroy();
        else if (refusal) near.write(answerTo(frame, refusal));
        else far.write(frame);
      }
    });
    far.on("data", (bytes) => near.write(bytes));
    return { endsTogether: () => true };
  });
  return { proxy, state };
}

/** With the number of the request, which stands behind its length, API key and version. */
function answerTo(request: Buffer, { body }: Refusal): Buffer {
  return Buffer.from([...int32(4 + body.length), ...int32(request.readInt32BE(8)), ...body]);
}
