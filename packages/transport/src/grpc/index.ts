// Ask over gRPC
export type { GrpcCallOptions, GrpcClient } from "./client.ts";
export type { GrpcDefinition } from "./definition.ts";
export { type GrpcClientOptions, grpcClient } from "./grpc-client.ts";
// Answer over gRPC
export { type GrpcServer, type GrpcServerOptions, type GrpcServerParts, grpcServer } from "./server.ts";
export { type GrpcMethod, type GrpcService, grpcService } from "./service.ts";
