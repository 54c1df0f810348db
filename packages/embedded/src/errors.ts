import { defineError } from "@weft/core";

/** Wrong command line, or an address that cannot be taken: the process ends with code 2. */
export const EmbeddedWrongUse = defineError<{ message: string }>({
  code: "EMBEDDED_WRONG_USE",
  kind: "invalid",
  message: ({ message }) => message,
});
export const EmbeddedPortInUse = defineError<{ host: string; port: number }>({
  code: "EMBEDDED_PORT_IN_USE",
  kind: "conflict",
  message: ({ host, port }) =>
    `port ${port} on ${host} is in use by another process; stop that one, or choose another port (0 takes a free one)`,
});
export const EmbeddedDataDirectoryInUse = defineError<{ path: string; pid: number }>({
  code: "EMBEDDED_DATA_DIRECTORY_IN_USE",
  kind: "conflict",
  message: ({ path, pid }) => `${path} is in use by process ${pid}; stop it, or choose another data directory`,
});
export const EmbeddedDataDirectoryUnusable = defineError<{ path: string; reason: string }>({
  code: "EMBEDDED_DATA_DIRECTORY_UNUSABLE",
  kind: "conflict",
  message: ({ path, reason }) =>
    `${path} cannot be used: ${reason}; make it writable for this user, or choose another data directory`,
});
export const EmbeddedDataFormat = defineError<{ path: string; found: string; expected: string }>({
  code: "EMBEDDED_DATA_FORMAT",
  kind: "conflict",
  message: ({ path, found, expected }) =>
    `${path} holds ${found}, and this version reads ${expected}; remove the directory (or start with --fresh), or use the version that wrote it`,
});
export const EmbeddedNoSpace = defineError<{ path: string }>({
  code: "EMBEDDED_NO_SPACE",
  kind: "unavailable",
  retryable: true,
  message: ({ path }) => `no space left on the device that holds ${path}; free some and start again`,
});
export const EmbeddedStartFailed = defineError<{ name: string; reason: string }>({
  code: "EMBEDDED_START_FAILED",
  kind: "unavailable",
  retryable: true,
  message: ({ name, reason }) => `${name} did not start: ${reason}`,
});
/** The server went away while it was serving. */
export const EmbeddedServerLost = defineError<{ name: string; how: string }>({
  code: "EMBEDDED_SERVER_LOST",
  kind: "unavailable",
  retryable: true,
  message: ({ name, how }) => `the ${name} server ended by itself (${how}); start it again`,
});

/** What the operating system says when a file cannot be used, as one of the errors above. Others pass unchanged. */
export function fileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") return new EmbeddedNoSpace({ path }, { cause: error });
  const reason = fileReasons[code ?? ""];
  return reason === undefined ? error : new EmbeddedDataDirectoryUnusable({ path, reason }, { cause: error });
}
const fileReasons: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOENT: "it cannot be created there",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "it is a file, not a directory",
  EISDIR: "a directory stands where a file should be",
};

/** What `listen` failed with, as one of the errors above. Others pass unchanged. */
export function listenError(error: unknown, host: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EADDRINUSE") return new EmbeddedPortInUse({ host, port }, { cause: error });
  if (code === "EACCES")
    return new EmbeddedWrongUse({ message: `port ${port} needs a privilege that this user lacks` }, { cause: error });
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new EmbeddedWrongUse({ message: `${host} is not an address of this machine` }, { cause: error });
  return error;
}
