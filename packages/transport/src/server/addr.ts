import { defineError, type OptionRule } from "@weft/core";

export const ListenFailed = defineError<{ addr: string; setting: string; reason: string }>({
  code: "LISTEN_FAILED",
  kind: "unavailable",
  message: ({ addr, setting, reason }) =>
    `cannot listen on ${addr}: ${reason}; ${setting} names another address (port 0 takes any free one)`,
  details: ({ addr, setting, reason }) => ({ addr, setting, reason }),
});

/** `127.0.0.1:8001`, `[::1]:8001` or `:8001` (every address of the machine). */
export function parseAddr(addr: string): { host: string | undefined; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(addr);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] || undefined), port };
}

/** Where a server listens; it must be given. */
export const addrRule: OptionRule<string> = {
  default: undefined as unknown as string,
  problem: (value) => (typeof value === "string" && parseAddr(value) ? undefined : `${value} is not host:port`),
};

/** Why the system refused the address, in words. */
export function listenFailed(addr: string, setting: string, cause: NodeJS.ErrnoException) {
  // grpc-js puts the system's error into its words.
  const code = cause.code ?? /\b(E[A-Z]{3,})\b/.exec(cause.message)?.[1] ?? "";
  return new ListenFailed({ addr, setting, reason: reasons[code] ?? cause.message }, { cause });
}

const reasons: Record<string, string> = {
  EADDRINUSE: "the port is taken by another program",
  EACCES: "this user may not use the port",
  EADDRNOTAVAIL: "the machine has no such address",
  ENOTFOUND: "the host is not known",
};
