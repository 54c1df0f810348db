import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Logger } from "@weft/core";
import type { Disk } from "./disk.ts";

/** The file is written anew when it is this large and mostly history. */
const compactionBytes = 4 * 1024 * 1024;

/**
 * State kept as a file of JSON lines: one a change, written before the change is acknowledged; the newest word wins. A torn
 * last line was never acknowledged and is cut off.
 */
export class Journal<Entry> {
  private readonly disk: Disk;
  private readonly log: Logger;
  private readonly path: string;
  private readonly fsync: boolean;
  private readonly apply: (entry: Entry) => void;
  private readonly current: () => Entry[];
  private fd: number | undefined;
  private size = 0;
  private compactAt = compactionBytes;

  /**
   * @param apply  takes one change into account; a throw refuses one that was read back
   * @param current  the fewest changes that lead to what is known now
   */
  constructor(
    { disk, log, apply, current }: { disk: Disk; log: Logger; apply(entry: Entry): void; current(): Entry[] },
    options: { path: string; fsync: boolean },
  ) {
    this.disk = disk;
    this.log = log;
    this.apply = apply;
    this.current = current;
    this.path = options.path;
    this.fsync = options.fsync;
  }

  /** Reads everything back. */
  open(): void {
    this.fd = this.disk.open(this.path);
    const bytes = readFileSync(this.path);
    let unreadable = 0;
    let reason: unknown;
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at);
      if (end < 0) break;
      try {
        this.apply(JSON.parse(bytes.toString("utf8", at, end)) as Entry);
      } catch (err) {
        unreadable++;
        reason ??= err;
      }
      at = end + 1;
      this.size = at;
    }
    if (this.size < bytes.length) this.disk.truncate(this.fd, this.size);
    if (unreadable > 0)
      this.log.error({ err: reason, file: this.path, lines: unreadable }, "skipped unreadable lines of a journal");
    this.compactIfWorthwhile();
  }

  /** @throws whatever the disk says; the change has not happened then */
  append(entry: Entry): void {
    const fd = this.fd as number;
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      this.disk.write(fd, line, this.size);
      if (this.fsync) this.disk.sync(fd);
    } catch (error) {
      try {
        this.disk.truncate(fd, this.size);
      } catch {
        // The next line overwrites what is there, and the next start cuts it off.
      }
      throw error;
    }
    this.size += line.length;
    this.apply(entry);
    this.compactIfWorthwhile();
  }

  private compactIfWorthwhile(): void {
    if (this.size < this.compactAt) return;
    const next = `${this.path}.next`;
    try {
      const content = this.current()
        .map((entry) => `${JSON.stringify(entry)}\n`)
        .join("");
      const size = Buffer.byteLength(content);
      this.compactAt = Math.max(compactionBytes, 4 * size);
      if (this.size < this.compactAt) return;
      writeFileSync(next, content);
      renameSync(next, this.path);
      const fd = this.disk.open(this.path);
      if (this.fd !== undefined) this.disk.close(this.fd);
      this.fd = fd;
      this.size = size;
    } catch (err) {
      rmSync(next, { force: true });
      this.compactAt = this.size * 2;
      this.log.warn({ err, file: this.path }, "could not shorten a journal; trying again when it has doubled");
    }
  }

  close(): void {
    if (this.fd !== undefined) this.disk.close(this.fd);
    this.fd = undefined;
  }
}
