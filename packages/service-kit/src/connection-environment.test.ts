import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import type { WeftError } from "@weft/core";
import { parse } from "yaml";
import { connectionNames, connectionsFrom } from "./connection-environment.ts";

const services = fileURLToPath(new URL("../../../services/", import.meta.url));

describe("the connections of a program without a file", () => {
  it("come from the names that every service's file uses for the same field", () => {
    for (const service of readdirSync(services)) {
      const file: unknown = parse(readFileSync(`${services}${service}/config/config.yaml`, "utf8"));
      for (const [path, name] of Object.entries(connectionNames)) {
        const [section, field] = path.split(".");
        const at = (parts: string[]) =>
          parts.reduce((value: unknown, part) => (value as Record<string, unknown>)?.[part], file);
        // The gateway has neither database nor events.
        if (at(section === "data" ? [section, field!] : [section!]) === undefined) continue;
        expect({ service, path, text: at(path.split(".")) }).toEqual({
          service,
          path,
          text: expect.stringContaining(`\${${name}:-`),
        });
      }
    }
  });

  it("are those that a service would have", () => {
    const connections = connectionsFrom(
      {
        WEFT_KAFKA_BROKERS: "one.test:9093,two.test:9093",
        WEFT_KAFKA_TLS: "true",
        WEFT_KAFKA_USERNAME: "weft",
        WEFT_KAFKA_PASSWORD: "007",
        WEFT_CONSUL_URL: "https://consul.test:8501",
        WEFT_CONSUL_TOKEN: "t",
        WEFT_SCHEMA_REGISTRY_URL: "http://registry.test",
        WEFT_POSTGRES_URL: "postgres://a:b@db.test/{database}?sslmode=verify-full",
      },
      "weft-cli",
    );
    expect(connections.kafka()).toEqual({
      brokers: ["one.test:9093", "two.test:9093"],
      clientId: "weft-cli",
      tls: {},
      sasl: { mechanism: "scram-sha-512", username: "weft", password: "007" },
    });
    expect(connections.consul()).toEqual({ url: "https://consul.test:8501", token: "t" });
    expect(connections.schemaRegistry()).toEqual({ url: "http://registry.test" });
    expect(connections.database("orders")).toMatchObject({ source: "postgres://a:b@db.test/orders", tls: {} });
  });

  it.each([
    [{ WEFT_KAFKA_CA_FILE: "/nowhere" }, { WEFT_KAFKA_CA_FILE: "names a file that cannot be read: /nowhere (ENOENT)" }],
    [{ WEFT_KAFKA_USERNAME: "weft" }, { WEFT_KAFKA_PASSWORD: "is required" }],
    [{ WEFT_KAFKA_TLS: "1" }, { WEFT_KAFKA_TLS: "must be boolean or null" }],
    [
      { WEFT_KAFKA_SASL_MECHANISM: "gssapi" },
      { WEFT_KAFKA_SASL_MECHANISM: "must be one of plain, scram-sha-256, scram-sha-512" },
    ],
  ])("are refused by the name of what is wrong: %j", (environment, problems) => {
    const { kafka } = connectionsFrom({ WEFT_KAFKA_BROKERS: "one.test:1", ...environment }, "x");
    try {
      kafka();
    } catch (error) {
      return expect((error as WeftError).details?.field_errors).toEqual(problems);
    }
    throw new Error("was taken");
  });
});
