import type { EmbeddedAddress } from "./server.ts";

/** The one line on standard output by which a server's process says that it serves. */
export interface ReadyLine {
  /** The process that is the server: for PostgreSQL the postmaster. */
  pid: number;
  address: EmbeddedAddress;
  url: string;
}

const mark = '{"weftEmbeddedReady":';

export const readyLine = (ready: ReadyLine): string => `${mark}${JSON.stringify(ready)}}`;

export function isReadyLine(line: string): ReadyLine | undefined {
  if (!line.startsWith(mark)) return undefined;
  return (JSON.parse(line) as { weftEmbeddedReady: ReadyLine }).weftEmbeddedReady;
}
