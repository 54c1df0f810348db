import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { consulRegistry, type Registry } from "@weft/discovery";
import { connectionsFrom } from "@weft/service-kit/connections";
import { eventually } from "@weft/testkit";
import { type Authority, newAuthority } from "./certificates.ts";
import { type SecuredConsul, securedConsul } from "./consul.ts";
import { stopContainers } from "./containers.ts";
import { recordingLogger } from "./recording-logger.ts";

let authority: Authority;
let stranger: Authority;
let agent: SecuredConsul;
let expired: SecuredConsul;
let token: string;
let files: { ca: string; strangersCa: string; cert: string; key: string };

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  const client = await authority.issue("orders-service");
  files = {
    ca: authority.file("ca.pem", authority.ca),
    strangersCa: stranger.file("ca.pem", stranger.ca),
    cert: authority.file("cert.pem", client.cert),
    key: authority.file("key.pem", client.key),
  };
  [agent, expired] = await Promise.all([securedConsul(authority), securedConsul(authority, { isExpired: true })]);
  // What infra/README.md asks a cluster to give each service, and no more.
  token = await agent.tokenFor(
    `service "orders-service" { policy = "write" } service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }`,
  );
}, 240_000);

afterAll(async () => {
  await stopContainers([agent?.container, expired?.container]);
  authority?.remove();
  stranger?.remove();
});

const environment = (more: object = {}) => ({
  WEFT_CONSUL_URL: `https://127.0.0.1:${agent.port}`,
  WEFT_CONSUL_TOKEN: token,
  WEFT_CONSUL_CA_FILE: files.ca,
  WEFT_CONSUL_CERT_FILE: files.cert,
  WEFT_CONSUL_KEY_FILE: files.key,
  ...more,
});

const registration = (service: string) => ({
  service,
  instanceId: `${service}-1`,
  host: "127.0.0.1",
  port: 8100,
  version: "1.0.0",
  tags: [],
  metadata: {},
  check: { intervalMs: 60_000, timeoutMs: 1000, deregisterCriticalAfterMs: 60_000 },
});

async function withRegistry(
  values: NodeJS.ProcessEnv,
  work: (registry: Registry, text: () => string) => Promise<void>,
) {
  const record = recordingLogger();
  const registry = consulRegistry(record, connectionsFrom(values, "security-test").consul());
  await registry.start();
  try {
    await work(registry, record.text);
  } finally {
    await registry.stop();
  }
}

it("a service registers and finds itself over https, with its certificate and a token for its own name alone", async () => {
  await withRegistry(environment(), async (registry, text) => {
    await registry.register(registration("orders-service"));
    const watch = registry.watch("orders-service");
    await eventually("it finds itself", () => watch.current().instances.length === 1);
    expect(registry.health?.()).toMatchObject({ status: "healthy" });
    expect(text()).not.toContain(token);
  });
});

describe("Consul, and what is said of it, where", () => {
  const badToken = "00000000-aaaa-bbbb-cccc-000000000000";
  it.each([
    [
      "there is no token",
      () => environment({ WEFT_CONSUL_TOKEN: "" }),
      "orders-service",
      /403 .*consul\.token must be a token/,
    ],
    [
      "the token is wrong",
      () => environment({ WEFT_CONSUL_TOKEN: badToken }),
      "orders-service",
      /403 .*consul\.token must be a token/,
    ],
    ["the token is for another service", () => environment(), "billing-service", /403 .*service:write on the own name/],
    [
      "the authority is not known",
      () => environment({ WEFT_CONSUL_CA_FILE: files.strangersCa }),
      "orders-service",
      /not signed by an authority/,
    ],
    [
      "the certificate is for another host",
      () => environment({ WEFT_CONSUL_URL: `https://localhost:${agent.port}` }),
      "orders-service",
      /certificate is for another host/,
    ],
    [
      "the certificate has expired",
      () => environment({ WEFT_CONSUL_URL: `https://127.0.0.1:${expired.port}` }),
      "orders-service",
      /certificate has expired: renew it there/,
    ],
    [
      "the client has no certificate",
      () => environment({ WEFT_CONSUL_CERT_FILE: "", WEFT_CONSUL_KEY_FILE: "" }),
      "orders-service",
      /does not take the certificate of this process: name one/,
    ],
  ])("%s", async (_, values, service, words) => {
    await withRegistry(values(), async (registry, text) => {
      registry.register(registration(service)).catch(() => {}); // it is tried until the registry stops
      const health = await eventually("it says why", async () => {
        const seen = await registry.health?.();
        return seen?.status === "degraded" && seen;
      });
      expect(health.message).toMatch(words);
      expect(text()).toMatch(words);
      for (const secret of [token, badToken]) {
        expect(text()).not.toContain(secret);
        expect(health.message).not.toContain(secret);
      }
    });
  });
});
