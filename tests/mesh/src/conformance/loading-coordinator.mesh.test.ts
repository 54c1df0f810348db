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
const loadingMs = 4000;
const api = { joinGroup: 11, offsetFetch: 9 };
const groupLoadInProgress = 14;

/** A cluster that has just started answers like this until its coordinators have read the topic of offsets. */
describe("the kafkajs driver on a cluster whose coordinator still loads", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-loading-"));
  let proxy: TcpProxy;
  let coordinator: LoadingCoordinator;
  let server: ReturnType<typeof embeddedKafka>;
  let broker: Broker;

  beforeAll(async () => {
    ({ proxy, state: coordinator } = await loadingProxy());
    server = embeddedKafka({ log: silentLogger }, { dataDir, port: 0, advertised: `127.0.0.1:${proxy.port}` });
    await server.start();
    proxy.target = server.address.port;
    broker = kafkaBroker({ log: silentLogger }, { brokers: [`127.0.0.1:${proxy.port}`], clientId: "loading" });
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

  /** Resolves when `waiting` has been told several times to come back later, and the coordinator has loaded. */
  async function whileLoading<T>(waiting: () => Promise<T>): Promise<T> {
    coordinator.isLoading = true;
    coordinator.refusals = 0;
    const answer = waiting();
    try {
      await Promise.race([
        answer,
        sleep(loadingMs).then(() => eventually("it was told so several times", () => coordinator.refusals > 4)),
      ]);
    } finally {
      coordinator.isLoading = false;
    }
    expect(coordinator.refusals).toBeGreaterThan(4);
    return answer;
  }

  it.each([
    ["", false],
    [", also where it cuts the connection meanwhile", true],
  ])("tails once it has loaded%s", async (_, cuts) => {
    coordinator.cuts = cuts;
    const seen: string[] = [];
    const tail = await whileLoading(() =>
      broker.tail({ topics: ["t"], from: "beginning" }, ({ value }) => seen.push(String(value))),
    );
    await eventually("the record", () => seen.length > 0);
    expect(seen).toEqual(["v"]);
    await tail.stop();
  });

  it("tells a group's offsets once it has loaded", async () => {
    coordinator.cuts = false;
    expect(await whileLoading(() => broker.groupOffsets("nobody"))).toEqual([]);
  });
});

interface LoadingCoordinator {
  isLoading: boolean;
  /** How often it was asked meanwhile. */
  refusals: number;
  /** Whether it ends the connection in place of an answer. */
  cuts: boolean;
}

/** Passes bytes on, and answers itself, as long as it is loading, what only a coordinator knows. */
async function loadingProxy() {
  const state: LoadingCoordinator = { isLoading: false, refusals: 0, cuts: false };
  const proxy = await tcpProxy((near, far) => {
    let unread: Buffer = Buffer.alloc(0);
    near.on("data", (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= 4 && unread.length >= 4 + unread.readInt32BE(0)) {
        const frame = unread.subarray(0, 4 + unread.readInt32BE(0));
        unread = unread.subarray(frame.length);
        const refusal = state.isLoading ? refusalOf(frame) : undefined;
        if (refusal) state.refusals += 1;
        if (refusal && state.cuts) near.destroy();
        else if (refusal) near.write(refusal);
        else far.write(frame);
      }
    });
    far.on("data", (bytes) => near.write(bytes));
    return { endsTogether: () => true };
  });
  return { proxy, state };
}

/** JoinGroup v5 and OffsetFetch v3 to v5, which are what kafkajs sends: https://kafka.apache.org/protocol */
function refusalOf(frame: Buffer): Buffer | undefined {
  const int16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
  const int32 = (value: number) => [...int16(value >> 16), ...int16(value)];
  const emptyString = int16(0);
  const bodies = new Map<number, number[]>([
    [
      api.joinGroup,
      [
        ...int32(0),
        ...int16(groupLoadInProgress),
        ...int32(-1),
        ...emptyString,
        ...emptyString,
        ...emptyString,
        ...int32(0),
      ],
    ],
    [api.offsetFetch, [...int32(0), ...int32(0), ...int16(groupLoadInProgress)]],
  ]);
  const body = bodies.get(frame.readInt16BE(4));
  if (!body) return undefined;
  const correlationId = frame.readInt32BE(8);
  return Buffer.from([...int32(4 + body.length), ...int32(correlationId), ...body]);
}
