// Generated from schemas/ by `pnpm weft schemas generate`. Change the documents there, not this file.
export * as catalogV1 from "./index.catalog.v1.ts";
export * as googleProtobuf from "./index.google.protobuf.ts";
export * as googleRpc from "./index.google.rpc.ts";
export * as inventoryV1 from "./index.inventory.v1.ts";
