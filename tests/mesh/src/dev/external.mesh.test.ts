import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { type EmbeddedProcess, spawnEmbedded } from "@weft/embedded";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { startMesh } from "@weft/testkit";
import { attempt, expectRefusal } from "./refusal.ts";

/** Servers that somebody else runs, and that know nothing of Weft yet. */
describe("pnpm dev --infra external", () => {
  let folder: string;
  const servers: EmbeddedProcess[] = [];
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "weft-external-"));
    const [postgres, kafka, consul, registry] = await Promise.all(
      (["postgres", "kafka", "consul", "schema-registry"] as const).map(async (name) => {
        const server = await spawnEmbedded(name, { dataDir: join(folder, name), port: 0 });
        servers.push(server);
        return server.url;
      }),
    );
    environment = {
      WEFT_POSTGRES_URL: postgres,
      WEFT_KAFKA_BROKERS: kafka,
      WEFT_CONSUL_URL: consul,
      WEFT_SCHEMA_REGISTRY_URL: registry,
    };
  }, 60_000);
  afterAll(async () => {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }, 60_000);

  it("on fewer brokers than copies: code 1, one line that names the setting", async () => {
    const outcome = await attempt(join(folder, "copies"), { args: ["dev", "--infra", "external"], environment });
    expectRefusal(outcome, { code: 1, says: ["topics are to have 3 copies", "WEFT_KAFKA_REPLICATION"] });
  }, 60_000);

  it("creates the databases and topics that are missing, and runs on them", async () => {
    const mesh = await startMesh({
      arguments: ["--infra", "external", "--no-console", "--only", "catalog"],
      environment: { ...environment, WEFT_KAFKA_REPLICATION: "1" },
    });
    try {
      const { status } = await mesh.api("GET", "/v1/catalog/products");
      expect(status).toBe(200);
      const broker = kafkaBroker(
        { log: silentLogger },
        { brokers: environment.WEFT_KAFKA_BROKERS!.split(","), clientId: "external-test" },
      );
      await broker.start();
      expect((await broker.topics()).map(({ topic }) => topic)).toContain("promotion.events");
      await broker.stop();
    } finally {
      await mesh.stop();
    }
  }, 120_000);
});
