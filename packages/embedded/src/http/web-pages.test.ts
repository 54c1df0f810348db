import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { embeddedConsul } from "../consul/index.ts";
import { embeddedSchemaRegistry } from "../schema-registry/index.ts";
import type { EmbeddedServer } from "../server.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-pages-"));
const allowedHosts = ["tunnel.example"];
const log = silentLogger;
const consul = embeddedConsul({ log }, { dataDir: join(folder, "consul"), port: 0, allowedHosts });
const registry = embeddedSchemaRegistry({ log }, { dataDir: join(folder, "registry"), port: 0, allowedHosts });

beforeAll(async () => {
  await consul.start();
  await registry.start();
});
afterAll(async () => {
  await consul.stop();
  await registry.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

function ask({ address }: EmbeddedServer, path: string, { method = "GET", headers = {}, body }: Asked = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { host, port } = address;
    const length: Record<string, number> = body === undefined ? {} : { "content-length": body.length };
    request({ host, port, path, method, headers: { host: `localhost:${port}`, ...length, ...headers } }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (chunk) => {
          text += chunk;
        })
        .on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end(body);
  });
}

describe.each([
  ["Consul", consul, "/v1/agent/services"],
  ["Schema Registry", registry, "/subjects"],
])("web pages and the embedded %s", (_name, server, path) => {
  it.each(["evil.example", "evil.example:8500", "127.0.0.1.evil.example"])(
    "which answers with 421 where a page had %s resolve to this machine",
    async (host) => {
      const { status, text } = await ask(server, path, { headers: { host } });
      expect(status).toBe(421);
      expect(text).toContain("WEFT_ALLOWED_HOSTS");
    },
  );

  it.each(["localhost", "127.0.0.1:1", "[::1]", "tunnel.example:443"])("which answers under %s", async (host) => {
    expect((await ask(server, path, { headers: { host } })).status).toBe(200);
  });

  it.each(["http://evil.example", "null"])("which answers with 403 where a page of %s asks", async (origin) => {
    expect((await ask(server, path, { headers: { origin } })).status).toBe(403);
  });
});

describe("a target with scheme and host", () => {
  it("means its path, for its own host, whatever the header says", async () => {
    expect((await ask(registry, "http://localhost:1/subjects?deleted=true")).status).toBe(200);
    expect((await ask(registry, "http://localhost/subjects", { headers: { host: "evil.example" } })).status).toBe(200);
    expect((await ask(consul, "http://evil.example/v1/agent/services")).status).toBe(421);
  });
});

describe("the embedded Consul and what may be written", () => {
  const write = (headers: Record<string, string>) =>
    ask(consul, "/v1/kv/of-a-page", { method: "PUT", headers, body: "x" });

  it("takes no writes that a page of another origin sends", async () => {
    for (const method of ["PUT", "POST", "DELETE"]) {
      const headers = { origin: "https://evil.example", "content-type": "text/plain" };
      expect((await ask(consul, "/v1/kv/of-a-page", { method, headers, body: "x" })).status).toBe(403);
    }
    expect((await ask(consul, "/v1/kv/of-a-page")).status).toBe(404);
  });

  it.each([
    ["no type, as npm's consul", {}],
    ["application/x-www-form-urlencoded, as curl -d", { "content-type": "application/x-www-form-urlencoded" }],
    ["text/plain, as fetch", { "content-type": "text/plain;charset=UTF-8" }],
    ["a page of this machine", { origin: "http://localhost:3000" }],
  ])("takes bodies of every type from programs: %s", async (_what, headers) => {
    expect(await write(headers)).toEqual({ status: 200, text: "true" });
  });
});

describe("the embedded Schema Registry and the types of bodies", () => {
  const schema = JSON.stringify({ schemaType: "JSON", schema: '{"type":"object"}' });
  const register = (type?: string) =>
    ask(registry, "/subjects/of-types/versions", {
      method: "POST",
      headers: type === undefined ? {} : { "content-type": type },
      body: schema,
    });

  it.each([
    "application/vnd.schemaregistry.v1+json",
    "application/vnd.schemaregistry+json",
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/octet-stream",
    undefined,
  ])("takes %s", async (type) => {
    expect((await register(type)).status).toBe(200);
  });

  it.each(["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data", "x"])(
    "refuses %s with 415, as the real one",
    async (type) => {
      const { status, text } = await register(type);
      expect([status, JSON.parse(text)]).toEqual([
        415,
        { error_code: 415, message: "HTTP 415 Unsupported Media Type" },
      ]);
    },
  );

  it("refuses it for every operation that has a body", async () => {
    const headers = { "content-type": "text/plain" };
    for (const [method, path] of [
      ["PUT", "/config"],
      ["PUT", "/mode"],
      ["POST", "/subjects/of-types"],
      ["POST", "/compatibility/subjects/of-types/versions/latest"],
    ] as const) {
      expect((await ask(registry, path, { method, headers, body: schema })).status).toBe(415);
    }
  });
});
