import { describe, expect, it } from "@jest/globals";
import { ProducerStates } from "./producers.ts";

const batch = (baseSequence: number, records = 1, producerEpoch = 0) => ({
  producerId: 7,
  producerEpoch,
  baseSequence,
  lastOffsetDelta: records - 1,
  maxTimestamp: 0,
});

function appended(...batches: ReturnType<typeof batch>[]): ProducerStates {
  const states = new ProducerStates();
  let baseOffset = 100;
  for (const one of batches) {
    states.remember({ ...one, baseOffset });
    baseOffset += one.lastOffsetDelta + 1;
  }
  return states;
}

describe("sequence rules of idempotent producers", () => {
  it("let an unknown producer begin anywhere", () => {
    expect(appended().check(batch(42))).toEqual({ kind: "next" });
  });
  it("want the next sequence number, counted in records", () => {
    const states = appended(batch(0, 3));
    expect(states.check(batch(3))).toEqual({ kind: "next" });
    expect(states.check(batch(4))).toEqual({ kind: "out-of-order", expected: 3 });
    expect(states.check(batch(1))).toEqual({ kind: "out-of-order", expected: 3 });
  });
  it("know the last five batches again, by first and last number", () => {
    const states = appended(...[0, 1, 2, 3, 4, 5].map((sequence) => batch(sequence)));
    expect(states.check(batch(1))).toMatchObject({ kind: "duplicate", baseOffset: 101 });
    expect(states.check(batch(5))).toMatchObject({ kind: "duplicate", baseOffset: 105 });
    expect(states.check(batch(0)).kind).toBe("out-of-order");
    expect(states.check(batch(4, 2)).kind).toBe("out-of-order");
  });
  it("fence an older epoch, and let a newer one begin only at 0", () => {
    const states = appended(batch(0, 1, 3));
    expect(states.check(batch(1, 1, 2)).kind).toBe("stale-epoch");
    expect(states.check(batch(1, 1, 4))).toEqual({ kind: "out-of-order", expected: 0 });
    expect(states.check(batch(0, 1, 4))).toEqual({ kind: "next" });
  });
  it("go on at 0 after the largest number", () => {
    const max = 2 ** 31 - 1;
    expect(appended(batch(max)).check(batch(0))).toEqual({ kind: "next" });
    expect(appended(batch(max - 1, 4)).check(batch(2))).toEqual({ kind: "next" });
  });
  it("survive as a snapshot", () => {
    const states = new ProducerStates();
    states.restore(JSON.parse(JSON.stringify(appended(batch(0), batch(1)).snapshot())));
    expect(states.check(batch(1))).toMatchObject({ kind: "duplicate", baseOffset: 101 });
    expect(states.check(batch(2)).kind).toBe("next");
  });
  it("forget the quietest producer beyond the bound", () => {
    const states = new ProducerStates();
    for (let producerId = 0; producerId < 10_001; producerId++)
      states.remember({ ...batch(5), producerId, baseOffset: producerId });
    expect(states.check({ ...batch(9), producerId: 0 })).toEqual({ kind: "next" });
    expect(states.check({ ...batch(9), producerId: 1 }).kind).toBe("out-of-order");
  });
});
