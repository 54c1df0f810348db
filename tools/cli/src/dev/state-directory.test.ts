import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { takeStateDirectory } from "./state-directory.ts";

describe("the state directory", () => {
  let root: string;
  let path: string;
  const said: string[] = [];
  const take = (fresh = false) => takeStateDirectory(path, { fresh, say: (text) => said.push(text) });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "weft-state-"));
    path = join(root, ".weft");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is made for its owner alone, holds a format and a lock, and keeps its data when it is released", async () => {
    const state = await take();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(path, "format"), "utf8")).toBe("1\n");
    writeFileSync(join(state.folder("data/kafka"), "segment"), "kept");
    state.release();
    expect(existsSync(join(path, "dev.json"))).toBe(false);
    const again = await take();
    expect(readFileSync(join(again.folder("data/kafka"), "segment"), "utf8")).toBe("kept");
  });

  it("belongs to one process: a second is refused with the pid, whatever it asks for", async () => {
    const state = await take();
    for (const fresh of [false, true])
      await expect(take(fresh)).rejects.toMatchObject({
        code: "ALREADY_RUNNING",
        message: expect.stringContaining(`pid ${process.pid}`),
      });
    expect(existsSync(join(path, "format"))).toBe(true);
    state.release();
  });

  it.each(["", "{", '{"pid":1}', "null", '{"pid":4194305,"started":"7","children":[{"pid":4194306,"started":"7"}]}'])(
    "is taken over from a lock that nobody holds: %j",
    async (lock) => {
      mkdirSync(path);
      writeFileSync(join(path, "dev.json"), lock);
      await (await take()).release();
      expect(existsSync(join(path, "dev.json"))).toBe(false);
    },
  );

  it("does not take a process for the holder that only has its number", async () => {
    mkdirSync(path);
    writeFileSync(join(path, "dev.json"), JSON.stringify({ pid: process.pid, started: "long ago", children: [] }));
    (await take()).release();
  });

  it("forgets what is its own with fresh", async () => {
    const state = await take();
    writeFileSync(join(state.folder("data/kafka"), "segment"), "old");
    state.release();
    (await take(true)).release();
    expect(existsSync(join(path, "data"))).toBe(false);
  });

  it("removes nothing with fresh where anything else is", async () => {
    mkdirSync(join(path, "data"), { recursive: true });
    writeFileSync(join(path, "mine.txt"), "precious");
    await expect(take(true)).rejects.toThrow("mine.txt");
    expect(existsSync(join(path, "data"))).toBe(true);
  });

  it.each(["0", "2", "", "x"])("refuses format %j, and changes nothing", async (format) => {
    mkdirSync(path);
    writeFileSync(join(path, "format"), format);
    await expect(take()).rejects.toMatchObject({ code: "STATE_UNUSABLE", message: expect.stringContaining("--fresh") });
    expect(readFileSync(join(path, "format"), "utf8")).toBe(format);
    expect(existsSync(join(path, "dev.json"))).toBe(false);
  });
});
