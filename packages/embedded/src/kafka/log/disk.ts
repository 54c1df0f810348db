import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/**
 * The few calls the log makes on files. Writing is synchronous: when `append` returns, the bytes are with the kernel, so that
 * `kill -9` of the broker cannot lose what was acknowledged, and appends to a partition cannot overtake each other.
 */
export interface Disk {
  open(path: string): number;
  size(fd: number): number;
  /** Writes all of it at `position` or throws. */
  write(fd: number, bytes: Buffer, position: number): void;
  /** Reads until `into` is full or the file ends. @returns bytes read */
  read(fd: number, into: Buffer, position: number): number;
  truncate(fd: number, size: number): void;
  sync(fd: number): void;
  close(fd: number): void;
}

export const nodeDisk: Disk = {
  open: (path) => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644),
  size: (fd) => fstatSync(fd).size,
  write(fd, bytes, position) {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  },
  read(fd, into, position) {
    let done = 0;
    while (done < into.length) {
      const count = readSync(fd, into, done, into.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  },
  truncate: (fd, size) => ftruncateSync(fd, size),
  sync: (fd) => fdatasyncSync(fd),
  close: (fd) => closeSync(fd),
};
