import { randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { EmbeddedDataDirectoryInUse, EmbeddedDataDirectoryUnusable, EmbeddedDataFormat, fileError } from "./errors.ts";
import { isSameProcess, processStart } from "./processes.ts";

export interface DataDirectory {
  readonly path: string;
  release(): void;
}

export interface DataFormat {
  /** The server that writes here. */
  server: string;
  /** Grows with every change that an older version cannot read. */
  version: number;
}

interface Holder {
  pid: number;
  /** When that process began, so that a number used again by another process is not taken for it. */
  start: string;
  token: string;
}

/**
 * Opens a directory for one process: created when missing, locked, and of the format that the caller reads.
 * A lock whose process is gone is taken over.
 * @throws EmbeddedDataDirectoryInUse, EmbeddedDataDirectoryUnusable, EmbeddedDataFormat, EmbeddedNoSpace
 */
export function openDataDirectory(directory: string, format: DataFormat): DataDirectory {
  const path = resolve(directory);
  try {
    makeDirectories(path);
    const release = lock(path);
    try {
      checkFormat(path, format);
    } catch (error) {
      release();
      throw error;
    }
    return { path, release };
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Like `mkdir -p`. Node's own recursive form never returns where the system answers ENOENT for ever, as under /proc. */
function makeDirectories(path: string): void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const directory of missing.reverse()) {
    try {
      mkdirSync(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  if (!statSync(path).isDirectory()) throw Object.assign(new Error("not a directory"), { code: "EEXIST" });
}

function checkFormat(path: string, { server, version }: DataFormat): void {
  const file = join(path, "format.json");
  const expected = `${server} data of format ${version}`;
  const text = readOrNothing(file);
  if (text === undefined) {
    writeFileAtomically(file, `${JSON.stringify({ server, version })}\n`);
    return;
  }
  let found: Partial<DataFormat> = {};
  try {
    found = JSON.parse(text) as Partial<DataFormat>;
  } catch {
    // Falls through to the comparison, which fails.
  }
  if (found.server !== server || found.version !== version)
    throw new EmbeddedDataFormat({
      path,
      found: `${found.server ?? "unknown"} data of format ${found.version ?? "unknown"}`,
      expected,
    });
}

/**
 * The lock is a hard link, because `link` fails when the name exists and the file has its content from the first moment.
 * A stale one is moved aside by `rename`; whoever finds that it moved a lock taken meanwhile puts it back and gives way.
 */
function lock(path: string): () => void {
  const file = join(path, "lock");
  const mine: Holder = { pid: process.pid, start: processStart(process.pid) ?? "", token: randomUUID() };
  const own = join(path, `lock.${mine.token}`);
  writeFileSync(own, JSON.stringify(mine));
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      if (tryLink(own, file)) return () => unlock(file, mine.token);
      const holder = readHolder(file);
      if (holder && isSameProcess(holder.pid, holder.start))
        throw new EmbeddedDataDirectoryInUse({ path, pid: holder.pid });
      const aside = join(path, `lock.${randomUUID()}`);
      try {
        renameSync(file, aside);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
        throw error;
      }
      const moved = readHolder(aside);
      if (moved && moved.token !== holder?.token) tryLink(aside, file);
      rmSync(aside, { force: true });
    }
    throw new EmbeddedDataDirectoryUnusable({ path, reason: "its lock changes hands all the time" });
  } finally {
    rmSync(own, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function unlock(file: string, token: string): void {
  if (readHolder(file)?.token === token) rmSync(file, { force: true });
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

export function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Readers see the old content or the new one, also when this process dies in between. */
export function writeFileAtomically(file: string, content: string): void {
  const next = `${file}.next`;
  writeFileSync(next, content);
  renameSync(next, file);
}
