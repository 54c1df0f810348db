import { describe, expect, it } from "@jest/globals";
import type { IncomingRecord } from "@weft/messaging";
import { readTopic } from "./read-topic.ts";

type Position = [partition: number, offset: bigint];

/** A topic of two partitions with two records each, of which a tail gives these. */
function brokerThatGives(positions: Position[]) {
  let isStopped = false;
  const broker = {
    topicOffsets: async () => [
      { partition: 0, first: 0n, next: 2n },
      { partition: 1, first: 5n, next: 7n },
      { partition: 2, first: 3n, next: 3n },
    ],
    async tail(_options: unknown, onRecord: (record: IncomingRecord) => unknown) {
      const giving = (async () => {
        for (const [partition, offset] of positions) await onRecord({ partition, offset } as IncomingRecord);
      })();
      return {
        async stop() {
          isStopped = true;
          await giving;
        },
      };
    },
  };
  return { broker, isStopped: () => isStopped };
}

const whole: Position[] = [
  [0, 0n],
  [1, 5n],
  [0, 1n],
  [1, 6n],
];

describe("reading a topic", () => {
  it("takes what is there when it begins, says which record is the last, waits for it to be taken, and stops", async () => {
    const { broker, isStopped } = brokerThatGives([...whole, [0, 2n]]);
    const taken: unknown[] = [];
    const take = async ({ partition, offset }: IncomingRecord, isLast: boolean) => {
      await new Promise(setImmediate);
      taken.push([partition, offset, isLast]);
    };
    expect(await readTopic(broker, "t", take, 60_000)).toBe(0);
    expect(taken).toEqual(whole.map(([partition, offset], n) => [partition, offset, n === 3]));
    expect(isStopped()).toBe(true);
  });

  it("says how many partitions have an end that did not come in time", async () => {
    const { broker, isStopped } = brokerThatGives(whole.slice(0, 3));
    expect(await readTopic(broker, "t", () => {}, 1)).toBe(1);
    expect(isStopped()).toBe(true);
  });

  it("ends with what taking a record failed with", async () => {
    const { broker, isStopped } = brokerThatGives(whole);
    const failing = readTopic(broker, "t", () => Promise.reject(new Error("no")), 60_000);
    await expect(failing).rejects.toThrow("no");
    expect(isStopped()).toBe(true);
  });
});
