import type { Component, Logger } from "@weft/core";
import { EmbeddedWrongUse } from "./errors.ts";

export type EmbeddedServerName = "kafka" | "consul" | "schema-registry" | "postgres";

export interface EmbeddedAddress {
  host: string;
  port: number;
}

export interface EmbeddedServerOptions {
  /** Where the state lives. Created when missing; held by one process at a time. */
  dataDir: string;
  /** Address to listen on. @defaultValue "127.0.0.1" */
  host?: string;
  /** Port to listen on; 0 takes a free one. */
  port?: number;
  /** Allows an address other than loopback. These servers have no access control worth the name. @defaultValue false */
  unsafeBind?: boolean;
}

export interface EmbeddedServer extends Component {
  /** Where it listens; known once it has started. */
  readonly address: EmbeddedAddress;
}

export interface EmbeddedCollaborators {
  log: Logger;
}

const isLoopback = (host: string) => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/** @throws EmbeddedWrongUse naming every option that is wrong */
export function checkServerOptions({ dataDir, host, port, unsafeBind }: EmbeddedServerOptions): void {
  const problems: string[] = [];
  if (!dataDir) problems.push("a data directory is needed");
  if (host !== undefined && !isLoopback(host) && !unsafeBind)
    problems.push(`${host} is not a loopback address, and this server is for one machine only (unsafeBind allows it)`);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    problems.push(`port ${port} is not a number from 0 to 65535`);
  if (problems.length > 0) throw new EmbeddedWrongUse({ message: problems.join("; ") });
}
