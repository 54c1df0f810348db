import { join } from "node:path";
import { option, takeOptions } from "@weft/core";
import { type DataDirectory, openDataDirectory } from "../data-directory.ts";
import { type HttpServer, httpServer } from "../http/server.ts";
import {
  type EmbeddedCollaborators,
  type EmbeddedServer,
  type EmbeddedServerOptions,
  onlyThisMachine,
  serverRules,
} from "../server.ts";
import { Refusal } from "./refusal.ts";
import { registry } from "./registry.ts";
import { contentType, registryRoutes } from "./routes.ts";
import { openStore, type Store } from "./store.ts";

export interface EmbeddedSchemaRegistryOptions extends EmbeddedServerOptions {
  /** Connections at once. @defaultValue 1000 */
  maxConnections?: number;
}

const rules = { ...serverRules(8081), maxConnections: option.count(1000) };
const maxBodyBytes = 4 * 1024 * 1024;
/** As Confluent's; a body without a type counts as `application/octet-stream`. */
const contentTypes = [
  "application/vnd.schemaregistry.v1+json",
  "application/vnd.schemaregistry+json",
  "application/json",
  "application/octet-stream",
];

/**
 * The Confluent Schema Registry's API for JSON Schema: subjects, versions, ids, lookup, references, compatibility with
 * reasons, levels, modes, soft and permanent deletion. Avro and Protobuf are refused with 422. State is a log on disk.
 * @throws OptionsInvalid; from `start` EmbeddedPortInUse, EmbeddedDataFormat, EmbeddedDataDirectoryInUse, EmbeddedDataDirectoryUnusable, EmbeddedNoSpace
 */
export function embeddedSchemaRegistry(
  { log }: EmbeddedCollaborators,
  options: EmbeddedSchemaRegistryOptions,
): EmbeddedServer {
  const settings = takeOptions("embedded Schema Registry", rules, options, onlyThisMachine);
  let directory: DataDirectory | undefined;
  let running: { server: HttpServer; store: Store } | undefined;
  let address = { host: settings.host, port: settings.port };

  async function start(): Promise<void> {
    directory = openDataDirectory(settings.dataDir, { server: "schema-registry", version: 1 });
    try {
      const store = openStore(join(directory.path, "schemas.log"));
      running = { store, server: serverOf(store) };
      await running.server.start();
      address = running.server.address;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  const serverOf = (store: Store): HttpServer =>
    httpServer(
      { log },
      {
        name: "schema-registry",
        host: settings.host,
        port: settings.port,
        maxBodyBytes,
        maxConnections: settings.maxConnections,
        allowedHosts: settings.allowedHosts ?? [],
        contentTypes,
        routes: registryRoutes({ registry: registry({ store }), store }),
        otherwise: (problem) => {
          if (problem.kind === "not-served") return refusal(problem.status, problem.message);
          if (problem.kind === "unsupported-media-type") return refusal(415, "HTTP 415 Unsupported Media Type");
          if (problem.kind === "too-large") return refusal(413, `the body is larger than ${maxBodyBytes} bytes`);
          if (problem.kind === "method-not-allowed")
            return {
              ...refusal(405, "HTTP 405 Method Not Allowed"),
              headers: { ...contentType, allow: problem.allow.join(",") },
            };
          return refusal(404, "HTTP 404 Not Found");
        },
        onError: (error) => {
          if (error instanceof Refusal) return refusal(error.status, error.message, error.errorCode);
          log.error({ err: error }, "a request failed");
          return refusal(500, (error as Error).message, 50001);
        },
      },
    );

  async function stop(): Promise<void> {
    await running?.server.stop();
    running?.store.close();
    running = undefined;
    directory?.release();
    directory = undefined;
  }

  return {
    name: "schema-registry",
    start,
    stop,
    get address() {
      return address;
    },
  };
}

const refusal = (status: number, message: string, errorCode = status) => ({
  status,
  headers: contentType,
  body: JSON.stringify({ error_code: errorCode, message }),
});
