import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import type { MeshOptions } from "../mesh.ts";
import type { Addresses } from "./server.ts";

const services = fileURLToPath(new URL("../../../../services", import.meta.url));

/** A service that has migrations has a database, called after its folder. */
const databaseNames = () =>
  readdirSync(services)
    .filter((folder) => existsSync(join(services, folder, "migrations")))
    .map((folder) => folder.replaceAll("-", "_"));

/**
 * What `startMesh` needs for a mesh on servers that run already, with databases of its own there.
 * @param addresses one mesh at a time: topics, consumer groups and service names are the same for all
 */
export async function externalMesh(
  addresses: Addresses,
): Promise<Required<Pick<MeshOptions, "arguments" | "environment">> & { dropDatabases(): Promise<void> }> {
  const { kafka, consul, schemaRegistry, postgres } = addresses;
  const prefix = `mesh_${randomUUID().slice(0, 8)}`;
  const names = databaseNames().map((name) => `${prefix}_${name}`);
  const each = async (statement: (name: string) => string) => {
    const client = new Client({ connectionString: postgres.url.replace("{database}", "postgres") });
    await client.connect();
    try {
      for (const name of names) await client.query(statement(client.escapeIdentifier(name)));
    } finally {
      await client.end();
    }
  };
  await each((name) => `CREATE DATABASE ${name}`);
  return {
    arguments: ["--infra", "external"],
    environment: {
      WEFT_KAFKA_BROKERS: kafka.brokers.join(","),
      WEFT_KAFKA_REPLICATION: String(Math.min(3, kafka.brokers.length)),
      WEFT_CONSUL_URL: consul.url,
      WEFT_SCHEMA_REGISTRY_URL: schemaRegistry.url,
      WEFT_POSTGRES_URL: postgres.url.replace("{database}", `${prefix}_{database}`),
    },
    dropDatabases: () => each((name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}
