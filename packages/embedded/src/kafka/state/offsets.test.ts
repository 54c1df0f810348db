import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { nodeDisk } from "../log/disk.ts";
import { OffsetStore } from "./offsets.ts";

let directory: string;
const path = () => join(directory, "offsets.log");
const open = () => {
  const store = new OffsetStore({ disk: nodeDisk, log: silentLogger }, { path: path(), fsync: false });
  store.open();
  return store;
};
const at = (offset: number, partition = 0, topic = "t") => ({
  topic,
  partition,
  offset,
  leaderEpoch: -1,
  metadata: null,
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "weft-kafka-offsets-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("committed offsets", () => {
  it("are there after a restart, the newest of each partition", () => {
    const store = open();
    store.commit("g", [at(1), at(5, 1)]);
    store.commit("g", [{ ...at(2), metadata: 'with "quotes"\nand lines' }]);
    const again = open();
    expect(again.get("g", "t", 0)).toEqual({ offset: 2, leaderEpoch: -1, metadata: 'with "quotes"\nand lines' });
    expect(again.get("g", "t", 1)).toMatchObject({ offset: 5 });
  });
  it("lose a torn last line and nothing else", () => {
    open().commit("g", [at(1)]);
    const size = statSync(path()).size;
    appendFileSync(path(), '{"group":"g","offs');
    const again = open();
    expect([again.get("g", "t", 0)?.offset, statSync(path()).size]).toEqual([1, size]);
    again.commit("g", [at(2)]);
    expect(open().get("g", "t", 0)?.offset).toBe(2);
  });
  it("stay deleted", () => {
    const store = open();
    store.commit("g", [at(1), at(1, 0, "other")]);
    store.commit("h", [at(1)]);
    store.deleteTopic("t");
    const again = open();
    expect([again.ofGroup("g").map(({ topic }) => topic), again.has("h")]).toEqual([["other"], false]);
    again.deleteGroup("g");
    expect(open().groupIds()).toEqual([]);
  });
  it("are shortened on disk when they are mostly history", () => {
    const store = open();
    const many = Array.from({ length: 200 }, (_, partition) => at(1, partition));
    for (let round = 0; round < 1000; round++)
      store.commit(
        "g",
        many.map((one) => ({ ...one, offset: round })),
      );
    expect(statSync(path()).size).toBeLessThan(5 * 1024 * 1024);
    expect(open().get("g", "t", 199)?.offset).toBe(999);
  });
  it("change nothing when the disk refuses", () => {
    let isFull = false;
    const disk = {
      ...nodeDisk,
      write(fd: number, bytes: Buffer, position: number) {
        if (isFull) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
        nodeDisk.write(fd, bytes, position);
      },
    };
    const store = new OffsetStore({ disk, log: silentLogger }, { path: path(), fsync: false });
    store.open();
    store.commit("g", [at(1)]);
    isFull = true;
    expect(() => store.commit("g", [at(2)])).toThrow("no space");
    expect(store.get("g", "t", 0)?.offset).toBe(1);
    isFull = false;
    store.commit("g", [at(3)]);
    expect(open().get("g", "t", 0)?.offset).toBe(3);
  });
});
