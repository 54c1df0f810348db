import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from "@platformatic/kafka";
import { silentLogger } from "@weft/core";
import { embeddedKafka } from "@weft/embedded";

/** The client that negotiates versions and speaks the flexible ones; kafkajs speaks the classic ones. */
describe("@platformatic/kafka on the embedded broker", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-kafka-"));
  const broker = embeddedKafka({ log: silentLogger }, { dataDir, port: 0 });
  let client: { clientId: string; bootstrapBrokers: string[] };

  beforeAll(async () => {
    await broker.start();
    client = { clientId: "platformatic", bootstrapBrokers: [`${broker.address.host}:${broker.address.port}`] };
  });
  afterAll(async () => {
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function topic(partitions = 1): Promise<string> {
    const name = `topic-${randomUUID()}`;
    const admin = new Admin(client);
    await admin.createTopics({ topics: [name], partitions, replicas: 1 });
    await admin.close();
    return name;
  }

  /** The first `count` values of a topic, each with its offset. */
  async function read(name: string, count: number): Promise<[bigint, string][]> {
    const consumer = new Consumer({ ...client, groupId: randomUUID(), deserializers: stringDeserializers });
    const stream = await consumer.consume({ topics: [name], mode: MessagesStreamModes.EARLIEST });
    const found: [bigint, string][] = [];
    for await (const { offset, value } of stream) {
      found.push([offset, value ?? ""]);
      if (found.length >= count) break;
    }
    await consumer.close(true);
    return found;
  }

  it("stores each of many idempotent sends that run at once, with an offset of its own (K20)", async () => {
    const name = await topic();
    const producer = new Producer({ ...client, idempotent: true, serializers: stringSerializers });
    const values = Array.from({ length: 20 }, (_, n) => `value ${n}`);
    await Promise.all(values.map((value) => producer.send({ messages: [{ topic: name, key: "k", value }] })));
    await producer.close();
    const found = await read(name, values.length);
    expect(found.map(([offset]) => offset)).toEqual(values.map((_, n) => BigInt(n)));
    expect(found.map(([, value]) => value).sort()).toEqual(values.toSorted());
  });

  it("goes on in a group where it committed", async () => {
    const name = await topic();
    const producer = new Producer({ ...client, serializers: stringSerializers });
    await producer.send({ messages: ["a", "b", "c"].map((value) => ({ topic: name, key: "k", value })) });
    await producer.close();
    const groupId = randomUUID();
    const next = async () => {
      const consumer = new Consumer({ ...client, groupId, deserializers: stringDeserializers });
      const stream = await consumer.consume({
        topics: [name],
        mode: MessagesStreamModes.COMMITTED,
        fallbackMode: "earliest",
        autocommit: false,
      });
      for await (const message of stream) {
        await message.commit();
        await consumer.close(true);
        return message.value;
      }
    };
    expect([await next(), await next(), await next()]).toEqual(["a", "b", "c"]);
  });

  it("reads what a transaction committed, and not what one took back", async () => {
    const name = await topic();
    const producer = new Producer({
      ...client,
      idempotent: true,
      transactionalId: randomUUID(),
      serializers: stringSerializers,
    });
    for (const [value, outcome] of [
      ["taken back", "abort"],
      ["kept", "commit"],
    ] as const) {
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: [{ topic: name, key: "k", value }] });
      await transaction[outcome]();
    }
    await producer.close();
    expect((await read(name, 1)).map(([, value]) => value)).toEqual(["kept"]);
  });
});
