import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { ConfigurationInvalid, type WeftError } from "@weft/core";
import { closed } from "@weft/transport/schema";
import { type LoadServiceConfigOptions, loadServiceConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const whole = `
server:
  http:
    addr: 127.0.0.1:\${WEFT_CATALOG_HTTP_PORT:-8001}
    timeout: 800ms
    advertised: \${WEFT_CATALOG_ADVERTISED:-}
  grpc:
    addr: "[::1]:9001"
consul:
  address: \${WEFT_CONSUL_URL:-127.0.0.1:8500}
  scheme: https
  token: \${WEFT_CONSUL_TOKEN:-}
  service:
    name: catalog-service
    version: 0.1.0
    metadata: { route: /v1/catalog, grpc_port: 9001 }
    tags: [http]
    health_check: { interval: 1m }
data:
  database: { driver: postgres, source: "\${WEFT_POSTGRES_URL:-postgres://weft:weft@127.0.0.1:5432/{database}}" }
kafka:
  brokers: \${WEFT_KAFKA_BROKERS:-127.0.0.1:9092}
  sasl: { mechanism: plain, username: "\${WEFT_KAFKA_USERNAME:-}" }
schema_registry:
  url: \${WEFT_SCHEMA_REGISTRY_URL:-http://127.0.0.1:8081}
`;

function load(text: string, options: Partial<LoadServiceConfigOptions> = {}) {
  const file = join(folder, "config.yaml");
  writeFileSync(file, text);
  return loadServiceConfig({ file, environment: {}, isSupervised: false, ...options });
}

function fieldErrors(text: string, environment: NodeJS.ProcessEnv = {}): Record<string, string> {
  try {
    load(text, { environment });
  } catch (error) {
    expect(ConfigurationInvalid.is(error)).toBe(true);
    return (error as WeftError).details?.field_errors as Record<string, string>;
  }
  throw new Error("the file was taken");
}

describe("the configuration of a service", () => {
  it("is read with its defaults, units and addresses parsed", () => {
    expect(load(whole)).toEqual({
      environment: "development",
      http: { host: "127.0.0.1", port: 8001, timeoutMs: 800, keepAliveMs: 65_000, allowedHosts: [] },
      grpc: { host: "::1", port: 9001, timeoutMs: 15_000 },
      drainWaitMs: 5000,
      consul: {
        url: "https://127.0.0.1:8500",
        service: {
          name: "catalog-service",
          version: "0.1.0",
          metadata: { route: "/v1/catalog", grpc_port: "9001" },
          tags: ["http"],
          check: { path: "/health/ready", intervalMs: 60_000, timeoutMs: 3000, deregisterCriticalAfterMs: 30_000 },
        },
      },
      discovery: { networks: ["loopback", "private"] },
      database: { source: "postgres://weft:weft@127.0.0.1:5432/catalog", name: "catalog", poolSize: 5 },
      kafka: { brokers: ["127.0.0.1:9092"], clientId: "catalog-service" },
      schemaRegistry: { url: "http://127.0.0.1:8081" },
      own: {},
    });
  });

  it("takes every address from the environment", () => {
    const config = load(whole, {
      environment: {
        WEFT_CATALOG_HTTP_PORT: "18001",
        WEFT_CATALOG_ADVERTISED: "proxy.test:443",
        WEFT_CONSUL_URL: "http://consul.test:8501/",
        WEFT_CONSUL_TOKEN: "secret",
        WEFT_POSTGRES_URL: "postgres://a:b@db.test:6000/{database}",
        WEFT_KAFKA_BROKERS: "one.test:1, two.test:2",
        WEFT_SCHEMA_REGISTRY_URL: "https://registry.test",
      },
    });
    expect(config.http).toMatchObject({ port: 18001, advertised: { host: "proxy.test", port: 443 } });
    // A whole URL brings its own scheme.
    expect(config.consul).toMatchObject({ url: "http://consul.test:8501", token: "secret" });
    expect(config.database?.source).toBe("postgres://a:b@db.test:6000/catalog");
    expect(config.kafka?.brokers).toEqual(["one.test:1", "two.test:2"]);
    expect(config.schemaRegistry?.url).toBe("https://registry.test");
  });

  it.each([
    ["server.http.timeout", "600h"],
    ["server.http.timeout", "2147483648ms"],
    ["server.http.timeout", "0s"],
    ["server.grpc.timeout", "597h"],
    ["server.drain_wait", "9999999999s"],
    ["consul.service.health_check.interval", "999999999999h"],
    ["consul.service.health_check.deregister_critical_service_after", "597h"],
    ["data.redis.timeout", "597h"],
    ["cache.max_age", "597h"],
    ["cache.refresh.every", "soon"],
  ])("refuses %s: %s with the field's path, because a timer would end after 1 ms", (path, duration) => {
    const file: Record<string, unknown> = {};
    const parts = path.split(".");
    const last = parts.pop()!;
    let group = file;
    for (const part of parts) group = group[part] = (group[part] ?? {}) as Record<string, unknown>;
    group[last] = duration;
    const server = { http: { addr: "127.0.0.1:1" }, grpc: { addr: "127.0.0.1:2" } };
    const merged = {
      ...file,
      server: { ...server, ...(file.server as object) },
      consul: {
        address: "127.0.0.1:8500",
        service: { name: "a", version: "1", ...(file.consul as { service?: object })?.service },
      },
      ...(path.startsWith("data") ? { data: { redis: { addr: "127.0.0.1:6379", timeout: duration } } } : {}),
    };
    for (const name of ["http", "grpc"] as const) {
      const told = (file.server as Record<string, object> | undefined)?.[name];
      merged.server[name] = { ...server[name], ...told };
    }
    const age = { type: "string", title: "duration" };
    const sections = { cache: closed({ max_age: age, refresh: closed({ every: age }) }) };
    let error: unknown;
    try {
      load(JSON.stringify(merged), { sections });
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      code: "CONFIGURATION_INVALID",
      details: { field_errors: { [path]: expect.stringMatching(/^must be/) } },
    });
    expect(Object.keys((error as WeftError).details!.field_errors as object)).toEqual([path]);
  });

  it("takes the longest duration that a timer can wait", () => {
    expect(load(whole.replace("800ms", "596h")).http.timeoutMs).toBe(2_145_600_000);
    expect(load(whole.replace("800ms", "2147483647ms")).http.timeoutMs).toBe(2_147_483_647);
  });

  it("lets a development environment call this machine alone, others private networks too, and whom they name", () => {
    const networks = (stated: string, environment = "production") =>
      load(`${whole.replace("route: /v1/catalog,", `environment: ${environment}, route: /v1/catalog,`)}${stated}`)
        .discovery.networks;
    expect(networks("")).toEqual(["loopback", "private"]);
    expect(networks("", "development")).toEqual(["loopback"]);
    expect(networks("discovery: { networks: '' }", "development")).toEqual(["loopback"]);
    expect(networks("discovery: { networks: 'loopback, 10.1.0.0/16' }", "development")).toEqual([
      "loopback",
      "10.1.0.0/16",
    ]);
    expect(networks("discovery: { networks: [private, '2001:db8::/32'] }")).toEqual(["private", "2001:db8::/32"]);
    expect(fieldErrors(`${whole}discovery: { networks: 'loopback,lan,10.0.0.0/33' }`)).toEqual({
      "discovery.networks.1": expect.stringContaining('not "lan"'),
      "discovery.networks.2": expect.stringContaining('not "10.0.0.0/33"'),
    });
  });

  it("says how long connections are kept, which hosts are answered, and who the operators are", () => {
    const http = (lines: string, environment = {}) =>
      load(whole.replace("timeout: 800ms", `timeout: 800ms\n${lines}`), { environment }).http;
    expect(http("    keep_alive: 620s\n    allowed_hosts: [shop.example, ' *.example ']")).toMatchObject({
      keepAliveMs: 620_000,
      allowedHosts: ["shop.example", "*.example"],
    });
    // An advertised name is answered too: callers that found it there use it.
    const advertised = { WEFT_CATALOG_ADVERTISED: "proxy.test:443" };
    expect(http("    allowed_hosts: 'a.example, b.example,'", advertised).allowedHosts).toEqual([
      "a.example",
      "b.example",
      "proxy.test",
    ]);
    const unset = http(`    keep_alive: \${NO_SUCH:-}
    allowed_hosts: \${NO_SUCH:-}`);
    expect(unset).toMatchObject({ keepAliveMs: 65_000, allowedHosts: [] });
    const operators = (text: string) => load(whole.replace("server:", `server:\n  operators: ${text}`)).http.operators;
    expect(operators("{ token: 0123456789abcdef, addr: '127.0.0.1:9100' }")).toEqual({
      token: "0123456789abcdef",
      addr: "127.0.0.1:9100",
    });
    expect(operators("{ token: '', addr: null }")).toBeUndefined();
    const wrong = whole
      .replace("server:", "server:\n  operators: { token: short, addr: nowhere }")
      .replace("timeout: 800ms", "timeout: 800ms\n    keep_alive: 800ms\n    allowed_hosts: 1");
    const errors = fieldErrors(wrong);
    expect(Object.keys(errors).sort()).toEqual([
      "server.http.allowed_hosts",
      "server.http.keep_alive",
      "server.operators.addr",
      "server.operators.token",
    ]);
    expect(JSON.stringify(errors)).not.toContain("short");
  });

  it("names the path of each wrong field, all of them together, and never shows a password", () => {
    const wrongShape = whole.replace("name: catalog-service", "nmae: catalog-service").replace("[http]", "http");
    expect(Object.keys(fieldErrors(wrongShape)).sort()).toEqual([
      "consul.service.name",
      "consul.service.nmae",
      "consul.service.tags",
    ]);
    const wrongText = whole
      .replace("800ms", "15 seconds")
      .replace("interval: 1m", "interval: soon")
      .replace('"[::1]:9001"', "nowhere");
    const errors = fieldErrors(wrongText, {
      WEFT_POSTGRES_URL: "mysql://a:hunter2@db/x",
      WEFT_KAFKA_BROKERS: "ok:1,not ok",
    });
    expect(Object.keys(errors).sort()).toEqual([
      "consul.service.health_check.interval",
      "data.database.source",
      "kafka.brokers.1",
      "server.grpc.addr",
      "server.http.timeout",
    ]);
    expect(JSON.stringify(errors)).not.toContain("hunter2");
  });

  it("tells what the schema refuses and what is wrong with texts in one go", () => {
    const wrong = whole
      .replace("name: catalog-service", "nmae: catalog-service")
      .replace("800ms", "15 seconds")
      .replace("tags: [http]", "tags: http")
      .replace("driver: postgres", "driver: oracle");
    expect(fieldErrors(wrong, { WEFT_KAFKA_BROKERS: "nowhere" })).toEqual({
      "consul.service.name": "is required",
      "consul.service.nmae": "is not a known field",
      "consul.service.tags": "must be array",
      "server.http.timeout": 'must be a duration as 800ms, 15s, 1m or 1h, not "15 seconds"',
      "data.database.driver": 'must be "postgres"',
      "kafka.brokers.0": 'must be host:port, not "nowhere"',
    });
  });

  it.each([
    ["server: 5", "server"],
    ["server: { http: [] }", "server.http"],
    ["consul: nowhere", "consul"],
    ["data: { database: true }", "data.database"],
    ["kafka: { brokers: { one: 1 } }", "kafka.brokers"],
    ["kafka: { brokers: [1, null] }", "kafka.brokers.0"],
    ["schema_registry: [1]", "schema_registry"],
  ])("refuses a value of a wrong kind by its path, and does not fall over it: %s", (text, path) => {
    expect(Object.keys(fieldErrors(text))).toContain(path);
  });

  it("drains briefly under a supervisor, and as long as the file says where it does", () => {
    expect(load(whole, { isSupervised: true }).drainWaitMs).toBe(200);
    expect(load(whole.replace("  http:", "  drain_wait: 2s\n  http:"), { isSupervised: true }).drainWaitMs).toBe(2000);
  });

  it("checks a service's own sections and refuses those that nobody declared", () => {
    const own = `${whole}\nlimits: { rate: 5 }\n`;
    const schema = { type: "object", properties: { rate: { type: "integer" } }, additionalProperties: false };
    expect(load(own, { sections: { limits: schema } }).own).toEqual({ limits: { rate: 5 } });
    expect(fieldErrors(own)).toEqual({ limits: "is not a known field" });
  });

  it("reads credentials of Kafka, and asks for the password where there is a name", () => {
    const environment = { WEFT_KAFKA_USERNAME: "weft" };
    expect(fieldErrors(whole, environment)).toEqual({ "kafka.sasl.password": "is required" });
    const both = whole.replace('USERNAME:-}" }', 'USERNAME:-}", password: 123 }');
    expect(load(both, { environment }).kafka?.sasl).toEqual({
      mechanism: "plain",
      username: "weft",
      password: "123",
    });
  });

  const pem = (name: string) => {
    writeFileSync(join(folder, name), `text of ${name}`);
    return join(folder, name);
  };

  it("reads certificates by their files, of every server, and refuses a file that cannot be read by the field's path", () => {
    const [ca_file, cert_file, key_file] = ["ca.pem", "cert.pem", "key.pem"].map(pem);
    const tls = JSON.stringify({ ca_file, cert_file, key_file });
    const secured = whole
      .replace("scheme: https", `scheme: https\n  tls: ${tls}`)
      .replace('{database}}" }', `{database}}", tls: ${tls} }`)
      .replace("  sasl:", `  tls: ${tls}\n  sasl:`)
      .replace("http://127.0.0.1:8081}", `https://127.0.0.1:8081}\n  tls: ${tls}`);
    const read = { ca: "text of ca.pem", cert: "text of cert.pem", key: "text of key.pem" };
    const { consul, database, kafka, schemaRegistry } = load(secured);
    expect([consul.tls, database?.tls, kafka?.tls, schemaRegistry?.tls]).toEqual([read, read, read, read]);

    expect(fieldErrors(secured.replaceAll(ca_file!, "/nowhere/ca.pem"))).toEqual(
      Object.fromEntries(
        ["consul.tls", "data.database.tls", "kafka.tls", "schema_registry.tls"].map((path) => [
          `${path}.ca_file`,
          "names a file that cannot be read: /nowhere/ca.pem (ENOENT)",
        ]),
      ),
    );
  });

  it.each([
    ["{ enabled: true }", {}],
    ["{ servername: kafka.test }", { servername: "kafka.test" }],
    ["{ enabled: false, servername: kafka.test }", undefined],
    ["{ enabled: null, ca_file: '' }", undefined],
  ])("speaks TLS where it is told to, or something of it is named: %s", (tls, expected) => {
    expect(load(whole.replace("  sasl:", `  tls: ${tls}\n  sasl:`)).kafka?.tls).toEqual(expected);
  });

  it("asks for certificate and key together, and for https where there is a certificate to check", () => {
    const half = whole.replace("  sasl:", `  tls: { cert_file: ${pem("cert.pem")} }\n  sasl:`);
    expect(fieldErrors(half)).toEqual({ "kafka.tls.key_file": "is required: the two go together" });
    const plain = whole
      .replace("8081}", `8081}\n  tls: { ca_file: ${pem("ca.pem")} }`)
      .replace("scheme: https", `tls: { ca_file: ${pem("ca.pem")} }`);
    for (const scheme of ["http", "HTTP"]) {
      const environment = {
        WEFT_CONSUL_URL: `${scheme}://consul.test:8500`,
        WEFT_SCHEMA_REGISTRY_URL: `${scheme}://registry.test`,
      };
      expect(fieldErrors(plain, environment)).toEqual({
        "consul.tls": "is for https, and consul.address is http",
        "schema_registry.tls": "is for https, and schema_registry.url is http",
      });
    }
  });

  it("takes verify-full out of PostgreSQL's URL, with the files that it names", () => {
    const url = (query: string) => ({ WEFT_POSTGRES_URL: `postgres://a:b%40c@db.test:6000/{database}${query}` });
    const ca = pem("ca.pem");
    const { database } = load(whole, { environment: url(`?sslmode=verify-full&sslrootcert=${ca}&application_name=x`) });
    expect(database?.source).toBe("postgres://a:b%40c@db.test:6000/catalog?application_name=x");
    expect(database?.tls).toEqual({ ca: "text of ca.pem" });
    expect(load(whole, { environment: url("?sslmode=disable") }).database?.tls).toBeUndefined();
    expect(load(whole, { environment: url("?sslmode=verify-full") }).database?.tls).toEqual({});
  });

  it.each([
    "?sslmode=require",
    "?sslmode=no-verify",
    "?sslmode=verify-ca",
    "?sslmode=verify-full&sslrootcert=/nowhere",
  ])("refuses %s, by the path of the field and without the password", (query) => {
    const errors = fieldErrors(whole, { WEFT_POSTGRES_URL: `postgres://a:hunter2@db/{database}${query}` });
    expect(Object.keys(errors)).toEqual(["data.database.source"]);
    expect(JSON.stringify(errors)).not.toContain("hunter2");
  });

  it.each([
    ["cache.test:7000", { host: "cache.test", port: 7000, db: 0 }],
    ["redis://cache.test", { host: "cache.test", port: 6379, db: 0 }],
    ["rediss://weft:p%40ss@cache.test:7000/3", { db: 3, username: "weft", password: "p@ss", tls: {} }],
  ])("reads where Redis is: %s", (addr, expected) => {
    const text = whole.replace("\ndata:", `\ndata:\n  redis: { addr: "\${WEFT_REDIS_URL:-}" }`);
    expect(load(text, { environment: { WEFT_REDIS_URL: addr } }).redis).toMatchObject({ timeoutMs: 20, ...expected });
    expect(load(text).redis).toBeUndefined();
  });

  it.each([
    ["WEFT_REDIS_URL", ":hunter2@redis:6379", { "data.redis.addr": 'must be host:port, not "***@redis:6379"' }],
    [
      "WEFT_REDIS_URL",
      "a:hun@ter/hunter2@redis:6379",
      { "data.redis.addr": 'must be host:port, not "***@redis:6379"' },
    ],
    ["WEFT_KAFKA_BROKERS", "ok:1,a:hunter2@k:9092", { "kafka.brokers.1": 'must be host:port, not "***@k:9092"' }],
    ["WEFT_KAFKA_BROKERS", "kafka://a:hunter2@k:9092", { "kafka.brokers.0": 'must be host:port, not "***@k:9092"' }],
    [
      "WEFT_REDIS_URL",
      "redis://:50%hunter2@redis:6379",
      { "data.redis.addr": "has a % in its user or password that is not written %25" },
    ],
  ])("refuses %s=%s without the password", (name, value, problems) => {
    const text = whole.replace("\ndata:", `\ndata:\n  redis: { addr: "\${WEFT_REDIS_URL:-}" }`);
    const errors = fieldErrors(text, { [name]: value });
    expect(errors).toEqual(problems);
    expect(JSON.stringify(errors)).not.toContain("hunter2");
  });
});
