import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openDataDirectory } from "./data-directory.ts";
import { EmbeddedDataDirectoryInUse, EmbeddedDataDirectoryUnusable, EmbeddedDataFormat } from "./errors.ts";
import { processStart } from "./processes.ts";

const format = { server: "consul", version: 1 };

describe("data directory", () => {
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "weft-data-"));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  const thrownBy = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it("is made when missing, and leaves nothing but its format when released", () => {
    const directory = openDataDirectory(join(path, "a", "b"), format);
    directory.release();
    expect(readdirSync(join(path, "a", "b"))).toEqual(["format.json"]);
  });

  it("is held by one process at a time, and free again once released", () => {
    const first = openDataDirectory(path, format);
    expect(EmbeddedDataDirectoryInUse.is(thrownBy(() => openDataDirectory(path, format)))).toBe(true);
    first.release();
    openDataDirectory(path, format).release();
  });

  it("is taken over from a process that is dead", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const { pid } = child;
    await new Promise((resolve) => child.once("exit", resolve));
    writeFileSync(join(path, "lock"), JSON.stringify({ pid, start: "1", token: "old" }));
    openDataDirectory(path, format).release();
  });

  it("is taken over when the number of the dead process now belongs to another one", () => {
    writeFileSync(join(path, "lock"), JSON.stringify({ pid: process.pid, start: "1", token: "old" }));
    // Only where the system tells when a process began can the two be told apart.
    const error = thrownBy(() => openDataDirectory(path, format).release());
    expect(error === undefined).toBe(processStart(process.pid) !== undefined);
  });

  it("is taken over when its lock is damaged", () => {
    writeFileSync(join(path, "lock"), "{");
    openDataDirectory(path, format).release();
  });

  it("keeps the lock of whoever took it over", () => {
    const first = openDataDirectory(path, format);
    rmSync(join(path, "lock"));
    const second = openDataDirectory(path, format);
    first.release();
    expect(EmbeddedDataDirectoryInUse.is(thrownBy(() => openDataDirectory(path, format)))).toBe(true);
    second.release();
  });

  it("refuses the data of another server, another version, or nobody, and unlocks", () => {
    for (const content of ['{"server":"kafka","version":1}', '{"server":"consul","version":2}', "nonsense"]) {
      writeFileSync(join(path, "format.json"), content);
      expect(EmbeddedDataFormat.is(thrownBy(() => openDataDirectory(path, format)))).toBe(true);
    }
    expect(readdirSync(path)).toEqual(["format.json"]);
  });

  it("says when the path is a file, or leads through one", () => {
    writeFileSync(join(path, "file"), "");
    for (const at of ["file", "file/below"])
      expect(EmbeddedDataDirectoryUnusable.is(thrownBy(() => openDataDirectory(join(path, at), format)))).toBe(true);
  });
});
