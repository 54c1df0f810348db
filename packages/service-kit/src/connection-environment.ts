import { ConfigurationInvalid, compileValidator, type FieldErrors } from "@weft/core";
import { ConfigReader } from "./config-reader.ts";
import { type ConnectionSection, connectionSchema } from "./config-schema.ts";
import {
  type ConsulConnection,
  consulConnection,
  type DatabaseConnection,
  databaseConnection,
  type KafkaConnectionConfig,
  kafkaConnection,
  networksOf,
  type SchemaRegistryConnection,
  schemaRegistryConnection,
} from "./connections.ts";

export interface Connections {
  consul(): ConsulConnection;
  /** Where instances of services may be. */
  networks(): readonly string[];
  kafka(): KafkaConnectionConfig;
  schemaRegistry(): SchemaRegistryConnection;
  database(name: string): DatabaseConnection;
}

/** The fields of how servers are spoken to, and the names that fill them in the `config.yaml` of every service. */
export const connectionNames: Readonly<Record<string, string>> = {
  "consul.address": "WEFT_CONSUL_URL",
  "consul.token": "WEFT_CONSUL_TOKEN",
  "consul.tls.enabled": "WEFT_CONSUL_TLS",
  "consul.tls.ca_file": "WEFT_CONSUL_CA_FILE",
  "consul.tls.cert_file": "WEFT_CONSUL_CERT_FILE",
  "consul.tls.key_file": "WEFT_CONSUL_KEY_FILE",
  "consul.tls.servername": "WEFT_CONSUL_SERVERNAME",
  "discovery.networks": "WEFT_DISCOVERY_NETWORKS",
  "kafka.brokers": "WEFT_KAFKA_BROKERS",
  "kafka.tls.enabled": "WEFT_KAFKA_TLS",
  "kafka.tls.ca_file": "WEFT_KAFKA_CA_FILE",
  "kafka.tls.cert_file": "WEFT_KAFKA_CERT_FILE",
  "kafka.tls.key_file": "WEFT_KAFKA_KEY_FILE",
  "kafka.tls.servername": "WEFT_KAFKA_SERVERNAME",
  "kafka.sasl.mechanism": "WEFT_KAFKA_SASL_MECHANISM",
  "kafka.sasl.username": "WEFT_KAFKA_USERNAME",
  "kafka.sasl.password": "WEFT_KAFKA_PASSWORD",
  "schema_registry.url": "WEFT_SCHEMA_REGISTRY_URL",
  "schema_registry.username": "WEFT_SCHEMA_REGISTRY_USERNAME",
  "schema_registry.password": "WEFT_SCHEMA_REGISTRY_PASSWORD",
  "schema_registry.tls.enabled": "WEFT_SCHEMA_REGISTRY_TLS",
  "schema_registry.tls.ca_file": "WEFT_SCHEMA_REGISTRY_CA_FILE",
  "schema_registry.tls.cert_file": "WEFT_SCHEMA_REGISTRY_CERT_FILE",
  "schema_registry.tls.key_file": "WEFT_SCHEMA_REGISTRY_KEY_FILE",
  "schema_registry.tls.servername": "WEFT_SCHEMA_REGISTRY_SERVERNAME",
  "data.database.source": "WEFT_POSTGRES_URL",
  "data.database.tls.enabled": "WEFT_POSTGRES_TLS",
  "data.database.tls.ca_file": "WEFT_POSTGRES_CA_FILE",
  "data.database.tls.cert_file": "WEFT_POSTGRES_CERT_FILE",
  "data.database.tls.key_file": "WEFT_POSTGRES_KEY_FILE",
};

/**
 * The connections of a program that has no `config.yaml`, out of the names that the services' files use: what works for them
 * works for it. A section is read when it is asked for.
 * @throws ConfigurationInvalid naming the environment names that are wrong, never their values
 */
export function connectionsFrom(environment: NodeJS.ProcessEnv, clientId: string): Connections {
  function reading<T>(section: ConnectionSection, work: (read: ConfigReader) => T): T {
    const file = fileOf(environment, section);
    const schema = connectionSchema(section);
    const read = new ConfigReader({ file, schema });
    const result = work(read);
    // Of what the schema says, what is wrong; what is missing has no name here (a service's name and version).
    const refused = Object.entries(compileValidator(schema)(file) ?? {}).filter(
      ([path]) => connectionNames[path] !== undefined,
    );
    const problems = { ...Object.fromEntries(refused), ...read.problems };
    const fieldErrors: FieldErrors = {};
    for (const [path, problem] of Object.entries(problems)) fieldErrors[connectionNames[path] ?? path] = problem;
    if (Object.keys(fieldErrors).length > 0) throw new ConfigurationInvalid({ path: "the environment", fieldErrors });
    return result;
  }

  return {
    consul: () => reading("consul", consulConnection),
    networks: () => reading("discovery", networksOf),
    kafka: () => reading("kafka", (read) => kafkaConnection(read, clientId)),
    schemaRegistry: () => reading("schema_registry", schemaRegistryConnection),
    database: (name) => reading("data", (read) => databaseConnection(read, name)),
  };
}

function fileOf(environment: NodeJS.ProcessEnv, section: ConnectionSection): Record<string, unknown> {
  const file: Record<string, unknown> = {};
  for (const [path, name] of Object.entries(connectionNames)) {
    const text = environment[name];
    if (!text || !path.startsWith(`${section}.`)) continue;
    const parts = path.split(".");
    const last = parts.pop()!;
    let group = file;
    for (const part of parts) {
      group[part] ??= {};
      group = group[part] as Record<string, unknown>;
    }
    group[last] = last === "enabled" && (text === "true" || text === "false") ? text === "true" : text;
  }
  return file;
}
