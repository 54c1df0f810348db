import { type Component, isLoopback, type Logger, option } from "@weft/core";

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
  /**
   * Names by which HTTP servers (Consul, Schema Registry) answer besides those of loopback, behind a proxy or a tunnel:
   * `consul.example.com`, `*.example.com`, `*`. @defaultValue none
   */
  allowedHosts?: readonly string[];
}

export interface EmbeddedServer extends Component {
  /** Where it listens; known once it has started. */
  readonly address: EmbeddedAddress;
}

export interface EmbeddedCollaborators {
  log: Logger;
}

/** What every server takes; `port` is its usual one. */
export const serverRules = (port: number) => ({
  dataDir: option.text(/./s, "must name a folder"),
  host: { ...option.text(), default: "127.0.0.1" },
  port: option.count(port, { from: 0, to: 65_535 }),
  unsafeBind: option.flag(false),
});

/** These servers have no access control worth the name, so that others reach them only where somebody said so. */
export function onlyThisMachine(
  { host, unsafeBind }: { host: string; unsafeBind: boolean },
  wrong: (field: string, problem: string) => void,
): void {
  if (!isLoopback(host) && !unsafeBind)
    wrong("host", `${host} is not a loopback address, and this server is for one machine only (unsafeBind allows it)`);
}
