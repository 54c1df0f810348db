import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { acceptanceStory, catalogGrpc, MeshFixture } from "@weft/mesh-tests/suites";
import { runWeft } from "@weft/testkit";
import { externalMesh } from "@weft/testkit/infrastructure";
import { type Authority, newAuthority } from "./certificates.ts";
import { type SecuredConsul, securedConsul } from "./consul.ts";
import { stopContainers } from "./containers.ts";
import { kafkaUser, type SecuredKafka, securedKafka } from "./kafka.ts";
import { postgresPassword, type SecuredPostgres, securedPostgres } from "./postgres.ts";
import { registryUser, type SecuredRegistry, securedRegistry } from "./schema-registry.ts";

/** A whole mesh, and no way into any of its servers but with TLS and a password, a token or a certificate. */
const mesh = new MeshFixture();
let authority: Authority;
let kafka: SecuredKafka;
let consul: SecuredConsul;
let registry: SecuredRegistry;
let postgres: SecuredPostgres;
let environment: NodeJS.ProcessEnv;
let dropDatabases: (() => Promise<void>) | undefined;

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  const ca = authority.file("ca.pem", authority.ca);
  const client = await authority.issue("weft");
  [kafka, consul, registry, postgres] = await Promise.all([
    securedKafka(authority),
    securedConsul(authority),
    securedRegistry(authority),
    securedPostgres(authority),
  ]);
  await kafka.setScramPassword("SCRAM-SHA-512", kafkaUser.username, kafkaUser.password);
  const external = await externalMesh({
    kafka: { brokers: [kafka.brokers("SCRAM")] },
    consul: { url: `https://127.0.0.1:${consul.port}` },
    schemaRegistry: { url: `https://127.0.0.1:${registry.port}` },
    postgres: { url: postgres.url({ query: `?sslmode=verify-full&sslrootcert=${ca}` }) },
  });
  dropDatabases = external.dropDatabases;
  environment = {
    ...external.environment,
    WEFT_KAFKA_CA_FILE: ca,
    WEFT_KAFKA_SASL_MECHANISM: "scram-sha-512",
    WEFT_KAFKA_USERNAME: kafkaUser.username,
    WEFT_KAFKA_PASSWORD: kafkaUser.password,
    WEFT_CONSUL_CA_FILE: ca,
    WEFT_CONSUL_CERT_FILE: authority.file("cert.pem", client.cert),
    WEFT_CONSUL_KEY_FILE: authority.file("key.pem", client.key),
    WEFT_CONSUL_TOKEN: await consul.tokenFor(
      `service_prefix "" { policy = "write" } node_prefix "" { policy = "read" }`,
    ),
    WEFT_SCHEMA_REGISTRY_CA_FILE: ca,
    WEFT_SCHEMA_REGISTRY_USERNAME: registryUser.username,
    WEFT_SCHEMA_REGISTRY_PASSWORD: registryUser.password,
  };
  await mesh.start({ arguments: external.arguments, environment, startTimeoutMs: 180_000 });
}, 360_000);

afterAll(async () => {
  await mesh.stop();
  await dropDatabases?.();
  await registry?.stop();
  await stopContainers([kafka?.container, consul?.container, postgres?.container]);
  authority?.remove();
}, 120_000);

acceptanceStory(mesh);
catalogGrpc(mesh);

it("doctor finds nothing wrong, and no password or token is in any line", async () => {
  const doctor = await runWeft(["doctor"], { environment: { ...environment, WEFT_STATE_DIR: mesh.mesh.stateDir } });
  expect([doctor.stdout, doctor.stderr, doctor.code]).toEqual([expect.stringContaining("Nothing is wrong."), "", 0]);
  const text = [doctor.stdout, ...mesh.mesh.lines()].join("\n");
  const secrets = [kafkaUser.password, registryUser.password, postgresPassword, environment.WEFT_CONSUL_TOKEN];
  for (const secret of secrets) expect(text).not.toContain(secret);
}, 60_000);

it("infra/README.md names what this mesh was told, and nothing else", () => {
  const page = readFileSync(new URL("../../../../infra/README.md", import.meta.url), "utf8");
  const block = /## Where everything wants TLS and a name\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const named = [...block.matchAll(/\b(WEFT_\w+)=/g)].map(([, name]) => name);
  // Its only broker keeps one copy.
  const { WEFT_KAFKA_REPLICATION: _, ...told } = environment;
  expect(named.sort()).toEqual(Object.keys(told).sort());
});
