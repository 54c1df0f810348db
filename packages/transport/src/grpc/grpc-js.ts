import type * as grpcJs from "@grpc/grpc-js";

export type GrpcJs = typeof grpcJs;

let loading: Promise<GrpcJs> | undefined;

/**
 * The gRPC library, loaded where it is first needed: whoever neither calls nor serves is spared its time and memory. It is
 * told not to write on standard error, which is for JSON lines; what goes wrong comes back as an error besides.
 */
export function loadGrpcJs(): Promise<GrpcJs> {
  loading ??= import("@grpc/grpc-js").then((js) => {
    if (process.env.GRPC_VERBOSITY === undefined) js.setLogVerbosity(js.logVerbosity.NONE);
    return js;
  });
  return loading;
}
