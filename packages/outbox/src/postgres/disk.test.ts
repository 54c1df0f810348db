import { describe, expect, it } from "@jest/globals";
import { DatabaseUnavailable } from "../errors.ts";
import { disk } from "./disk.ts";

const full = Object.assign(new Error("no space left on device"), { code: "53100" });

describe("a disk that is full", () => {
  it("is remembered: one write a second is let through, the others are refused at once", () => {
    let now = 0;
    const tested = disk(() => now);
    tested.assertRoom();
    tested.failed(Object.assign(new Error("other"), { code: "53200" }));
    expect(tested.isFull()).toBe(false);
    tested.failed(full);
    expect(tested.isFull()).toBe(true);
    const passed: number[] = [];
    for (; now < 3500; now += 100) {
      try {
        tested.assertRoom();
        passed.push(now);
      } catch (error) {
        expect(error).toBeInstanceOf(DatabaseUnavailable);
        expect(error).toMatchObject({ kind: "resource", retryAfterSeconds: 5 });
      }
    }
    expect(passed).toEqual([1000, 2000, 3000]);
  });

  it("is forgotten with the first write that is committed", () => {
    const tested = disk(() => 0);
    tested.failed(full);
    tested.written();
    expect(tested.isFull()).toBe(false);
    tested.assertRoom();
  });
});
