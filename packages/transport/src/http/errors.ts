import { defineError } from "@weft/core";

export const HttpServerOptionsInvalid = defineError<{ problems: string[] }>({
  code: "HTTP_SERVER_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ problems }) => `the HTTP server's options are invalid: ${problems.join("; ")}`,
});
