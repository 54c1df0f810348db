// For tests that send what no client library would.
export { packers } from "./broker-compression.ts";
export { produce, recordBatch, WireClient } from "./kafka-wire.ts";
