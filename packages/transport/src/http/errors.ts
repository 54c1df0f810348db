import { defineError } from "@weft/core";

export const ListenFailed = defineError<{ addr: string; setting: string; reason: string }>({
  code: "LISTEN_FAILED",
  kind: "unavailable",
  message: ({ addr, setting, reason }) =>
    `cannot listen on ${addr}: ${reason}; ${setting} names another address (port 0 takes any free one)`,
  details: ({ addr, setting, reason }) => ({ addr, setting, reason }),
});

export const HttpServerOptionsInvalid = defineError<{ problems: string[] }>({
  code: "HTTP_SERVER_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ problems }) => `the HTTP server's options are invalid: ${problems.join("; ")}`,
});

export const HttpClientOptionsInvalid = defineError<{ problems: string[] }>({
  code: "HTTP_CLIENT_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ problems }) => `the HTTP client's options are invalid: ${problems.join("; ")}`,
});
