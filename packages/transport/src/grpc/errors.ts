import { defineError } from "@weft/core";

export const GrpcServerOptionsInvalid = defineError<{ problems: string[] }>({
  code: "GRPC_SERVER_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ problems }) => `the gRPC server's options are invalid: ${problems.join("; ")}`,
});
