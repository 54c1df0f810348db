import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import { errorTypeOf, type KafkaScripts, type KafkaSession } from "./kafka-session.ts";
import {
  addGroup,
  addTopics,
  beginProducer,
  commitInTransaction,
  endTransaction,
  openTransaction,
  resumeProducer,
  write,
} from "./kafka-transaction-wire.ts";
import {
  apiKeys,
  Bytes,
  fetchRecords,
  listCommittedOffset,
  listOffset,
  produce,
  recordBatch,
  type WireClient,
} from "./kafka-wire.ts";

const valuesOf = (messages: { value: Buffer | null }[]) => messages.map(({ value }) => value?.toString());
const fetchCommitted = async (client: WireClient, topic: string, from = 0) =>
  (await fetchRecords(client, { topic, offsets: [from], isCommittedOnly: true }))[0];

const transactional = async (session: KafkaSession, transactionalId = session.name("tx")) => {
  const producer = await session.producer({ idempotent: true, transactionalId, maxInFlightRequests: 1 });
  const write = async (topic: string, values: string[], end: "commit" | "abort") => {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
    await transaction[end]();
  };
  return { producer, write };
};

/** OffsetFetch version 7, which can ask for stable offsets only (KIP-447). */
async function stableOffset(client: WireClient, group: string, topic: string) {
  const body = new Bytes().compactString(group);
  body.compactArray([topic], (name) => {
    body.compactString(name).uvarint(2).int32(0).noTags();
  });
  const answer = await client.askFlexible(apiKeys.offsetFetch, 7, body.int8(1).noTags());
  answer.int32();
  const [found] = answer.compactArray(() => {
    answer.compactString();
    const partitions = answer.compactArray(() => {
      answer.int32();
      const offset = answer.int64();
      answer.int32();
      answer.compactString();
      const errorCode = answer.int16();
      answer.tags();
      return { offset, errorCode };
    });
    answer.tags();
    return partitions[0];
  });
  return found;
}

const committedOffset = async (session: KafkaSession, groupId: string, topic: string) =>
  (await session.admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset;

async function describeTransaction(client: WireClient, id: string) {
  const body = new Bytes().uvarint(2).compactString(id).noTags();
  const answer = await client.askFlexible(apiKeys.describeTransactions, 0, body);
  answer.int32();
  const [found] = answer.compactArray(() => {
    const errorCode = answer.int16();
    answer.compactString();
    const state = answer.compactString();
    const timeoutMs = answer.int32();
    answer.int64();
    return { errorCode, state, timeoutMs, producerId: answer.int64(), producerEpoch: answer.int16() };
  });
  return found;
}

export const transactionScripts: KafkaScripts = {
  "shows what a transaction wrote when it has committed": async (session) => {
    const topic = await session.topic();
    const { write } = await transactional(session);
    await write(topic, ["a", "b"], "commit");
    expect(valuesOf(await session.read(topic, 2))).toEqual(["a", "b"]);
  },
  "never shows what an aborted transaction wrote": async (session) => {
    const topic = await session.topic();
    const { write } = await transactional(session);
    await write(topic, ["lost"], "abort");
    await write(topic, ["kept"], "commit");
    await session.send(topic, ["plain"]);
    expect(valuesOf(await session.read(topic, 2))).toEqual(["kept", "plain"]);
  },
  "shows it to those who read uncommitted": async (session) => {
    const topic = await session.topic();
    const { write } = await transactional(session);
    await write(topic, ["lost"], "abort");
    const client = await session.wire();
    const [partition] = await fetchRecords(client, { topic, offsets: [0] });
    expect(partition?.records.includes("lost")).toBe(true);
    expect(partition?.aborted).toEqual([]);
  },
  "tells transactions apart that were written between each other": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const [one, two] = [
      await openTransaction(session, client, topic, ["one 1"]),
      await openTransaction(session, client, topic, ["two 1"]),
    ];
    await write(client, one, topic, ["one 2"], 1);
    await write(client, two, topic, ["two 2"], 1);
    expect(await endTransaction(client, one, false)).toBe(0);
    expect(await endTransaction(client, two, true)).toBe(0);
    await eventually("both have ended", async () => (await listCommittedOffset(client, topic, -1)).offset === 6);
    expect(valuesOf(await session.read(topic, 2))).toEqual(["two 1", "two 2"]);
  },
  "commits in several partitions at once": async (session) => {
    const topic = await session.topic(3);
    const { producer } = await transactional(session);
    const transaction = await producer.transaction();
    for (const partition of [0, 1, 2])
      await transaction.send({ topic, messages: [{ value: `in ${partition}`, partition }] });
    await transaction.commit();
    expect(valuesOf(await session.read(topic, 3)).sort()).toEqual(["in 0", "in 1", "in 2"]);
  },
  "holds back everything behind an open transaction (last stable offset)": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["before"] }));
    const producer = await openTransaction(session, client, topic, ["open"]);
    await produce(client, topic, recordBatch({ values: ["behind"] }));
    const held = await fetchCommitted(client, topic);
    expect(held).toMatchObject({ errorCode: 0, highWatermark: 3, lastStableOffset: 1 });
    expect([held?.records.includes("before"), held?.records.includes("open")]).toEqual([true, false]);
    expect((await fetchCommitted(client, topic, 1))?.records.length).toBe(0);
    await endTransaction(client, producer, true);
    await eventually("stable", async () => (await fetchCommitted(client, topic))?.lastStableOffset === 4);
    expect((await fetchCommitted(client, topic))?.records.includes("behind")).toBe(true);
  },
  "wakes a reader of committed records when the transaction ends": async (session) => {
    const topic = await session.topic();
    const [client, reader] = [await session.wire(), await session.wire()];
    const producer = await openTransaction(session, client, topic, ["x"]);
    const waiting = fetchRecords(reader, { topic, offsets: [0], isCommittedOnly: true, maxWaitMs: 20_000 });
    const start = performance.now();
    await endTransaction(client, producer, true);
    expect((await waiting)[0]?.records.includes("x")).toBe(true);
    expect(performance.now() - start).toBeLessThan(10_000);
  },
  "ends the log for readers of committed records where the first open transaction begins": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["before"] }));
    const producer = await openTransaction(session, client, topic, ["open"]);
    expect((await listCommittedOffset(client, topic, -1)).offset).toBe(1);
    expect((await listOffset(client, topic, -1)).offset).toBe(2);
    await endTransaction(client, producer, false);
    await eventually("stable", async () => (await listCommittedOffset(client, topic, -1)).offset === 3);
  },
  "never ends the log for them before its start, when records of an open transaction are deleted": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a"]);
    await write(client, producer, topic, ["b"], 1);
    await session.deleteRecords(topic, 1);
    expect(await fetchCommitted(client, topic, 1)).toMatchObject({ errorCode: 0, lastStableOffset: 1 });
    expect((await listCommittedOffset(client, topic, -1)).offset).toBe(1);
    await endTransaction(client, producer, true);
    await eventually("stable", async () => (await listCommittedOffset(client, topic, -1)).offset === 3);
  },
  "spends an offset on the marker that ends a transaction": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a", "b"]);
    await endTransaction(client, producer, true);
    await eventually("marked", async () => (await listOffset(client, topic, -1)).offset === 3);
    expect(await produce(client, topic, recordBatch({ values: ["c"] }))).toEqual({ errorCode: 0, baseOffset: 3 });
  },
  "names the aborted transactions that a fetch meets, and no others": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a"]);
    await endTransaction(client, producer, false);
    await eventually("stable", async () => (await listCommittedOffset(client, topic, -1)).offset === 2);
    const { producerId } = producer;
    expect((await fetchCommitted(client, topic))?.aborted).toEqual([{ producerId, firstOffset: 0 }]);
    await produce(client, topic, recordBatch({ values: ["later"] }));
    expect((await fetchCommitted(client, topic, 2))?.aborted).toEqual([]);
  },
  "gives a transactional id the same producer again, with a higher epoch": async (session) => {
    const client = await session.wire();
    const id = session.name("tx");
    const [first, second] = [await beginProducer(client, id), await beginProducer(client, id)];
    expect([first.errorCode, second.errorCode]).toEqual([0, 0]);
    expect(second.producerId).toBe(first.producerId);
    expect(second.producerEpoch).toBeGreaterThan(first.producerEpoch);
  },
  "fences the producer before, in every request": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const old = await openTransaction(session, client, topic, ["a"]);
    await beginProducer(client, old.id);
    expect(await addTopics(client, old, [topic])).toEqual([90]);
    expect(await addGroup(client, old, session.name("group"))).toBe(90);
    expect(await endTransaction(client, old, true)).toBe(90);
    expect((await write(client, old, topic, ["b"], 1)).errorCode).toBe(47);
  },
  "tells older clients so in words they know": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const old = await beginProducer(client, session.name("tx"));
    await beginProducer(client, old.id);
    expect(await addTopics(client, old, [topic], 1)).toEqual([47]);
    expect(await endTransaction(client, old, true, 1)).toBe(47);
  },
  "aborts what the producer before left open": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const old = await openTransaction(session, client, topic, ["left"]);
    const next = await beginProducer(client, old.id);
    await addTopics(client, next, [topic]);
    expect((await write(client, next, topic, ["kept"])).errorCode).toBe(0);
    expect(await endTransaction(client, next, true)).toBe(0);
    expect(valuesOf(await session.read(topic, 1))).toEqual(["kept"]);
  },
  "lets a producer go on under a new epoch only when it is who it believes to be (KIP-360)": async (session) => {
    const client = await session.wire();
    const first = await beginProducer(client, session.name("tx"));
    const next = await resumeProducer(client, first);
    expect(next).toMatchObject({ errorCode: 0, producerId: first.producerId });
    const third = await resumeProducer(client, next);
    expect(third).toMatchObject({ errorCode: 0 });
    expect((await resumeProducer(client, first)).errorCode).toBe(90);
  },
  "gives a producer that asks to go on again the same answer, until another has come (KIP-360)": async (session) => {
    const client = await session.wire();
    const first = await beginProducer(client, session.name("tx"));
    const next = await resumeProducer(client, first);
    expect(next.producerEpoch).toBeGreaterThan(first.producerEpoch);
    expect([await resumeProducer(client, first), await resumeProducer(client, first)]).toEqual([next, next]);
    const other = await beginProducer(client, first.id);
    expect(other.producerEpoch).toBeGreaterThan(next.producerEpoch);
    expect((await resumeProducer(client, first)).errorCode).toBe(90);
    expect((await resumeProducer(client, next)).errorCode).toBe(90);
  },
  "gives a transactional id that it does not know a new producer, whoever the client claims to be": async (session) => {
    const client = await session.wire();
    const known = await beginProducer(client, session.name("tx"));
    for (const claimed of [known, { ...known, producerEpoch: 32_766 }, { ...known, producerId: 2 ** 52 }]) {
      const made = await resumeProducer(client, { ...claimed, id: session.name("tx") });
      expect(made).toMatchObject({ errorCode: 0, producerEpoch: 0 });
      expect([known.producerId, 2 ** 52]).not.toContain(made.producerId);
    }
  },
  "takes transactional batches only where the transaction said so (KIP-890)": async (session) => {
    const [topic, other] = [await session.topic(), await session.topic()];
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a"]);
    expect((await write(client, producer, other, ["b"])).errorCode).toBe(48);
    expect((await listOffset(client, other, -1)).offset).toBe(0);
    await endTransaction(client, producer, false);
  },
  "takes no transactional batch without a transactional id": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const { producerId, producerEpoch } = await beginProducer(client, session.name("tx"));
    const batch = recordBatch({ values: ["x"], producerId, producerEpoch, baseSequence: 0, isTransactional: true });
    expect((await produce(client, topic, batch)).errorCode).toBe(53);
  },
  "does not know transactional ids that nobody began, nor producers that are not theirs": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const stranger = { id: session.name("tx"), producerId: 1, producerEpoch: 0 };
    expect(await addTopics(client, stranger, [topic])).toEqual([49]);
    expect(await addGroup(client, stranger, session.name("group"))).toBe(49);
    expect(await endTransaction(client, stranger, true)).toBe(49);
    const own = await beginProducer(client, session.name("tx"));
    expect(await addTopics(client, { ...own, producerId: own.producerId + 1_000_000 }, [topic])).toEqual([49]);
  },
  "adds all partitions or none": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await beginProducer(client, session.name("tx"));
    expect(await addTopics(client, producer, [topic, session.name()])).toEqual([55, 3]);
    expect(await endTransaction(client, producer, true)).toBe(48);
  },
  "has nothing to end before anything is begun": async (session) => {
    const client = await session.wire();
    const producer = await beginProducer(client, session.name("tx"));
    expect(await endTransaction(client, producer, true)).toBe(48);
    expect(await endTransaction(client, producer, false)).toBe(48);
  },
  "takes the same end twice, and no other": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a"]);
    expect([await endTransaction(client, producer, true), await endTransaction(client, producer, true)]).toEqual([
      0, 0,
    ]);
    expect(await endTransaction(client, producer, false)).toBe(48);
    await addTopics(client, producer, [topic]);
    expect([await endTransaction(client, producer, false), await endTransaction(client, producer, false)]).toEqual([
      0, 0,
    ]);
    expect(await endTransaction(client, producer, true)).toBe(48);
  },
  "goes on with the sequence in the next transaction of the same producer": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a", "b"]);
    await endTransaction(client, producer, true);
    expect(await addTopics(client, producer, [topic])).toEqual([0]);
    expect((await write(client, producer, topic, ["gap"], 7)).errorCode).toBe(45);
    expect((await write(client, producer, topic, ["c"], 2)).errorCode).toBe(0);
    await endTransaction(client, producer, true);
    expect(valuesOf(await session.read(topic, 3))).toEqual(["a", "b", "c"]);
  },
  "answers a repeated batch inside a transaction with its first offset": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a"]);
    expect(await write(client, producer, topic, ["a"])).toEqual({ errorCode: 0, baseOffset: 0 });
    await endTransaction(client, producer, true);
  },
  "refuses timeouts over the limit and no name at all": async (session) => {
    const client = await session.wire();
    expect((await beginProducer(client, session.name("tx"), 2 ** 31 - 1)).errorCode).toBe(50);
    expect((await beginProducer(client, session.name("tx"), 0)).errorCode).toBe(50);
    expect((await beginProducer(client, "")).errorCode).toBe(42);
  },
  "aborts a transaction that takes longer than its timeout, and fences its producer": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["late"], 4000);
    expect((await listCommittedOffset(client, topic, -1)).offset).toBe(0);
    const isStable = async () => (await listCommittedOffset(client, topic, -1)).offset === 2;
    await eventually("aborted", isStable, { timeoutMs: 25_000 });
    expect((await fetchCommitted(client, topic))?.aborted).toHaveLength(1);
    expect(await endTransaction(client, producer, true)).toBe(90);
    expect((await write(client, producer, topic, ["later"], 1)).errorCode).toBe(47);
  },
  "makes the offsets of a transaction visible when it commits, not before": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    const producer = await beginProducer(client, session.name("tx"));
    expect(await addGroup(client, producer, group)).toBe(0);
    expect(await commitInTransaction(client, producer, { group, topic, offset: 7 })).toBe(0);
    expect(await committedOffset(session, group, topic)).toBe("-1");
    expect(await endTransaction(client, producer, true)).toBe(0);
    await eventually("visible", async () => (await committedOffset(session, group, topic)) === "7");
  },
  "forgets the offsets of an aborted transaction": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    const producer = await beginProducer(client, session.name("tx"));
    for (const [offset, isCommit] of [
      [5, true],
      [9, false],
    ] as const) {
      await addGroup(client, producer, group);
      await commitInTransaction(client, producer, { group, topic, offset });
      await endTransaction(client, producer, isCommit);
    }
    const isStable = async () => (await stableOffset(client, group, topic))?.errorCode === 0;
    await eventually("stable", isStable);
    expect(await committedOffset(session, group, topic)).toBe("5");
  },
  "tells who wants stable offsets that one is about to change (KIP-447)": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const group = session.name("group");
    const producer = await beginProducer(client, session.name("tx"));
    await addGroup(client, producer, group);
    await commitInTransaction(client, producer, { group, topic, offset: 7 });
    expect((await stableOffset(client, group, topic))?.errorCode).toBe(88);
    await endTransaction(client, producer, true);
    const isVisible = async () => (await stableOffset(client, group, topic))?.offset === 7;
    await eventually("stable", isVisible);
  },
  "takes offsets only of groups that the transaction named": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a"]);
    const commit = commitInTransaction(client, producer, { group: session.name("group"), topic, offset: 7 });
    expect(await commit).toBe(48);
    await endTransaction(client, producer, false);
  },
  "carries records and offsets together for kafkajs": async (session) => {
    const [source, target] = [await session.topic(), await session.topic()];
    const group = session.name("group");
    const { producer } = await transactional(session);
    for (const [offset, end] of [
      ["3", "commit"],
      ["8", "abort"],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: target, messages: [{ value: offset }] });
      const topics = [{ topic: source, partitions: [{ partition: 0, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: group, topics });
      await transaction[end]();
    }
    expect(valuesOf(await session.read(target, 1))).toEqual(["3"]);
    await eventually("committed", async () => (await committedOffset(session, group, source)) === "3");
  },
  "fails the transaction of a kafkajs producer that another has replaced": async (session) => {
    const topic = await session.topic();
    const id = session.name("tx");
    const first = await transactional(session, id);
    await first.write(topic, ["first"], "commit");
    const second = await transactional(session, id);
    await second.write(topic, ["second"], "commit");
    expect(await errorTypeOf(first.write(topic, ["zombie"], "commit"))).toMatch(
      /INVALID_PRODUCER_EPOCH|PRODUCER_FENCED/,
    );
    await second.write(topic, ["third"], "commit");
    expect(valuesOf(await session.read(topic, 3))).toEqual(["first", "second", "third"]);
  },
  "commits although a topic of the transaction was deleted": async (session) => {
    const [kept, doomed] = [await session.topic(), await session.topic()];
    const client = await session.wire();
    const producer = await openTransaction(session, client, kept, ["a"]);
    await addTopics(client, producer, [doomed]);
    await write(client, producer, doomed, ["b"]);
    await session.admin.deleteTopics({ topics: [doomed] });
    expect(await endTransaction(client, producer, true)).toBe(0);
    await eventually("marked", async () => (await listCommittedOffset(client, kept, -1)).offset === 2);
  },
  "describes a transactional id, and says when it knows none (KIP-664)": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const producer = await openTransaction(session, client, topic, ["a"], 50_000);
    const { id, producerId, producerEpoch } = producer;
    expect(await describeTransaction(client, id)).toEqual({
      errorCode: 0,
      state: "Ongoing",
      timeoutMs: 50_000,
      producerId,
      producerEpoch,
    });
    await endTransaction(client, producer, true);
    const isComplete = async () => (await describeTransaction(client, id))?.state === "CompleteCommit";
    await eventually("complete", isComplete);
    expect((await describeTransaction(client, session.name("tx")))?.errorCode).toBe(105);
  },
  "lists transactional ids by state (KIP-664)": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const { id, ...producer } = await openTransaction(session, client, topic, ["a"]);
    const list = async (states: string[]) => {
      const body = new Bytes();
      body.compactArray(states, (state) => body.compactString(state));
      body.uvarint(1).noTags();
      const answer = await client.askFlexible(apiKeys.listTransactions, 0, body);
      answer.int32();
      answer.int16();
      const unknown = answer.compactArray(() => answer.compactString());
      const ids = answer.compactArray(() => {
        const found = answer.compactString();
        answer.int64();
        answer.compactString();
        answer.tags();
        return found;
      });
      return { unknown, hasOurs: ids.includes(id) };
    };
    expect(await list(["Ongoing"])).toEqual({ unknown: [], hasOurs: true });
    expect(await list(["CompleteAbort"])).toEqual({ unknown: [], hasOurs: false });
    expect((await list(["Odd"])).unknown).toEqual(["Odd"]);
    await endTransaction(client, { id, ...producer }, false);
  },
};
