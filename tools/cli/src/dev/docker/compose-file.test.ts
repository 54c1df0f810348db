import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { environmentNames } from "../../environment.ts";
import { servers } from "../infrastructure.ts";
import { serviceParts } from "../parts.ts";
import { composePath, readContainer } from "./compose-file.ts";

const names = servers.map(({ name }) => name);
const valuesOf = (options: string[], name: string) =>
  options.flatMap((option, at) => (options[at - 1] === name ? [option] : []));

describe("infra/compose.yaml as pnpm dev reads it", () => {
  it.each(servers)(
    "has $name on its usual port, with a health check, limits and a pinned image",
    ({ name, portName }) => {
      const { image, options, check, hostPort, usesHostNetwork } = readContainer(name, {});
      expect(image).toMatch(/^[a-z/-]+:[0-9][0-9.]*$/);
      expect(check).toEqual({
        command: expect.arrayContaining([expect.stringMatching(/^[a-z_]+$/)]),
        timeoutMs: 5_000,
      });
      expect(valuesOf(options, "--memory")).toHaveLength(1);
      expect(valuesOf(options, "--cpus")).toEqual(["1"]);
      if (!usesHostNetwork) expect(hostPort).toBe(environmentNames[portName].default);
    },
  );

  it("has the images that docs/configuration.md names as defaults", () => {
    const { WEFT_IMAGE_POSTGRES, WEFT_IMAGE_KAFKA, WEFT_IMAGE_CONSUL, WEFT_IMAGE_REGISTRY } = environmentNames;
    const documented = [WEFT_IMAGE_POSTGRES, WEFT_IMAGE_KAFKA, WEFT_IMAGE_CONSUL, WEFT_IMAGE_REGISTRY];
    expect(names.map((name) => readContainer(name, {}).image)).toEqual(documented.map((entry) => entry.default));
  });

  it("publishes on loopback only, in every service and profile", () => {
    const { services } = parse(readFileSync(composePath, "utf8")) as { services: Record<string, { ports?: string[] }> };
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(5);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it("makes a database for every service and for the registry", () => {
    const { options } = readContainer("postgres", {});
    const made = valuesOf(options, "--env").find((entry) => entry.startsWith("WEFT_DATABASES="))!;
    const needed = [...serviceParts().flatMap(({ database }) => database ?? []), "schema_registry"];
    expect(made.slice("WEFT_DATABASES=".length).split(" ").sort()).toEqual(needed.sort());
  });

  it("puts ports and images from the environment in, also into a default that holds another", () => {
    const environment = { WEFT_KAFKA_PORT: "19092", WEFT_IMAGE_KAFKA: "mine/kafka:1", WEFT_CONSUL_PORT: "18500" };
    const { image, options, hostPort } = readContainer("kafka", environment);
    expect({ image, hostPort }).toEqual({ image: "mine/kafka:1", hostPort: 19092 });
    expect(valuesOf(options, "--publish")).toEqual(["127.0.0.1:19092:9092"]);
    expect(valuesOf(options, "--env")).toContain(
      "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:19092,INTERNAL://kafka:29092",
    );
    const proxied = readContainer("kafka", { ...environment, WEFT_KAFKA_ADVERTISED: "127.0.0.1:7777" });
    expect(valuesOf(proxied.options, "--env")).toContain(
      "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:7777,INTERNAL://kafka:29092",
    );
    const consul = valuesOf(readContainer("consul", environment).options, "--env")[0]!;
    expect(JSON.parse(consul.slice("CONSUL_LOCAL_CONFIG=".length))).toMatchObject({ ports: { http: 18500, dns: -1 } });
  });

  it("tells volumes that are kept from folders beside the file", () => {
    const { volumes, options } = readContainer("postgres", {});
    expect([...volumes]).toEqual([["postgres-data", "/var/lib/postgresql"]]);
    expect(valuesOf(options, "--volume")).toEqual([
      `${join(dirname(composePath), "postgres")}:/docker-entrypoint-initdb.d:ro`,
    ]);
  });

  it("has the registry wait for PostgreSQL, and its check ask it over HTTP", () => {
    const { dependsOn, check } = readContainer("schema-registry", {});
    expect(dependsOn).toEqual(["postgres"]);
    expect(check.command.at(-1)).toContain('[[ $status == *" 200 "* ]]');
  });

  it("is refused by name where it holds what docker run is not told", () => {
    const folder = mkdtempSync(join(tmpdir(), "weft-compose-"));
    const path = join(folder, "compose.yaml");
    try {
      writeFileSync(path, "services: { kafka: { image: a:1, privileged: true } }\n");
      expect(() => readContainer("kafka", {}, path)).toThrow(
        /kafka has privileged, which pnpm dev does not understand/,
      );
      expect(() => readContainer("consul", {}, path)).toThrow(/has no service consul/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
