import { Agent, request } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { consulRegistry, type Registry } from "@weft/discovery";
import { connectionsFrom } from "@weft/service-kit/plain";
import { eventually } from "@weft/testkit";
import { type StartedTestContainer, Wait } from "testcontainers";
import { type Authority, type Issued, newAuthority } from "./certificates.ts";
import { inContainer, secured, stopContainers } from "./containers.ts";
import { recordingLogger } from "./recording-logger.ts";

let authority: Authority;
let stranger: Authority;
let client: Issued;
let agent: StartedTestContainer;
let expired: StartedTestContainer;
let token: string;
let files: { ca: string; strangersCa: string; cert: string; key: string };

async function consul(certificate: Issued): Promise<StartedTestContainer> {
  return secured("WEFT_IMAGE_CONSUL")
    .withCommand(["agent", "-dev", "-client", "0.0.0.0"])
    .withCopyContentToContainer(
      inContainer({
        "/certificates/ca.pem": authority.ca,
        "/certificates/cert.pem": certificate.cert,
        "/certificates/key.pem": certificate.key,
      }),
    )
    .withEnvironment({
      CONSUL_LOCAL_CONFIG: JSON.stringify({
        ports: { http: -1, https: 8501, grpc: -1 },
        acl: { enabled: true, default_policy: "deny" },
        ca_file: "/certificates/ca.pem",
        cert_file: "/certificates/cert.pem",
        key_file: "/certificates/key.pem",
        verify_incoming_https: true,
      }),
    })
    .withExposedPorts(8501)
    .withWaitStrategy(Wait.forLogMessage(/cluster leadership acquired|New leader elected/i))
    .withStartupTimeout(120_000)
    .start();
}

const port = (container: StartedTestContainer) => container.getMappedPort(8501);

/** As an operator does it, with a client certificate. */
function operator<Answer>(
  method: string,
  path: string,
  { body, secret }: { body?: object; secret?: string } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const tls = new Agent({ ca: authority.ca, cert: client.cert, key: client.key });
  const headers = secret ? { "x-consul-token": secret } : {};
  const sent = request(
    `https://127.0.0.1:${port(agent)}${path}`,
    { method, agent: tls, headers, timeout: 20_000 },
    (answer) => {
      let text = "";
      answer.on("data", (part) => {
        text += part;
      });
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(`${answer.statusCode} ${text}`)),
      );
    },
  );
  sent.on("error", reject).end(body && JSON.stringify(body));
  return promise;
}

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  const hosts = ["127.0.0.1"];
  client = await authority.issue("orders-service");
  files = {
    ca: authority.file("ca.pem", authority.ca),
    strangersCa: stranger.file("ca.pem", stranger.ca),
    cert: authority.file("cert.pem", client.cert),
    key: authority.file("key.pem", client.key),
  };
  [agent, expired] = await Promise.all([
    consul(await authority.issue("consul", { hosts })),
    consul(await authority.issue("consul", { hosts, isExpired: true })),
  ]);
  const { SecretID: secret } = await eventually("the ACLs are there", () =>
    operator<{ SecretID: string }>("PUT", "/v1/acl/bootstrap"),
  );
  // What infra/README.md asks a cluster to give each service, and no more.
  const Rules = `service "orders-service" { policy = "write" } service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }`;
  await operator("PUT", "/v1/acl/policy", { body: { Name: "orders-service", Rules }, secret });
  const made = await operator<{ SecretID: string }>("PUT", "/v1/acl/token", {
    body: { Policies: [{ Name: "orders-service" }] },
    secret,
  });
  token = made.SecretID;
}, 240_000);

afterAll(async () => {
  await stopContainers([agent, expired]);
  authority?.remove();
  stranger?.remove();
});

const environment = (more: object = {}) => ({
  WEFT_CONSUL_URL: `https://127.0.0.1:${port(agent)}`,
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
      () => environment({ WEFT_CONSUL_URL: `https://localhost:${port(agent)}` }),
      "orders-service",
      /certificate is for another host/,
    ],
    [
      "the certificate has expired",
      () => environment({ WEFT_CONSUL_URL: `https://127.0.0.1:${port(expired)}` }),
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
