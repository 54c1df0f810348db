import { defineError } from "@weft/core";

export const GrpcServerOptionsInvalid = defineError<{ problems: string[] }>({
  code: "GRPC_SERVER_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ problems }) => `the gRPC server's options are invalid: ${problems.join("; ")}`,
});

export const GrpcClientOptionsInvalid = defineError<{ problems: string[] }>({
  code: "GRPC_CLIENT_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ problems }) => `the gRPC client's options are invalid: ${problems.join("; ")}`,
});
