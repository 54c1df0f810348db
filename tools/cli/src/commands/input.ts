import { closeSync, openSync, readSync } from "node:fs";
import { WrongUse } from "../wrong-use.ts";

const maxBytes = 2 * 1024 * 1024;
const chunkBytes = 64 * 1024;

/** @param path a file, or `-` for standard input   @throws WrongUse when it cannot be read or is not JSON */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readBounded(path);
  } catch (cause) {
    if (cause instanceof WrongUse) throw cause;
    throw new WrongUse(
      { message: `${nameOf(path)} cannot be read (${(cause as NodeJS.ErrnoException).code})` },
      { cause },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WrongUse(
      {
        message: `${nameOf(path)} is not JSON: ${(cause as Error).message.replace(/\s+/g, " ")}`,
      },
      { cause },
    );
  }
}

const nameOf = (path: string) => (path === "-" ? "standard input" : path);

/** Never more than the bound in memory: what was named may be a device that does not end. */
function readBounded(path: string): string {
  const file = path === "-" ? 0 : openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let bytes = 0; ; ) {
      const chunk = Buffer.alloc(chunkBytes);
      const read = readSome(file, chunk);
      if (read === 0) return Buffer.concat(chunks).toString("utf8");
      bytes += read;
      if (bytes > maxBytes)
        throw new WrongUse({ message: `${nameOf(path)} is larger than ${maxBytes} bytes, too large for an event` });
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    if (file !== 0) closeSync(file);
  }
}

/** A terminal or a pipe that is not blocking says EAGAIN while nothing has come. */
function readSome(file: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(file, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
