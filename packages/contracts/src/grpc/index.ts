// Messages and services of `schemas/proto`, one name a package: `inventoryV1.CheckStockRequest`
export { descriptorSet } from "../generated/grpc/descriptor-set.ts";
export * from "../generated/grpc/index.ts";
