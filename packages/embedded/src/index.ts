// The servers, for a process that holds them itself
export { embeddedConsul } from "./consul/index.ts";
// What goes wrong at start
export {
  EmbeddedDataDirectoryInUse,
  EmbeddedDataDirectoryUnusable,
  EmbeddedDataFormat,
  EmbeddedNoSpace,
  EmbeddedPortInUse,
  EmbeddedServerLost,
  EmbeddedStartFailed,
  EmbeddedWrongUse,
} from "./errors.ts";
export { embeddedKafka } from "./kafka/index.ts";
export { embeddedPostgres } from "./postgres/index.ts";
export { embeddedSchemaRegistry } from "./schema-registry/index.ts";
export type { EmbeddedAddress, EmbeddedServer, EmbeddedServerName, EmbeddedServerOptions } from "./server.ts";
// The servers, each in a process of its own
export { type EmbeddedProcess, type SpawnEmbeddedOptions, spawnEmbedded } from "./spawn.ts";
