import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { schemaRegistry } from "@weft/messaging";
import { connectionsFrom } from "@weft/service-kit/connections";
import { type Authority, newAuthority } from "./certificates.ts";
import { recordingLogger } from "./recording-logger.ts";
import { type SecuredRegistry, securedRegistry, registryUser as user } from "./schema-registry.ts";

const wrongPassword = "wrong-canary-5Pr";
let authority: Authority;
let stranger: Authority;
let registry: SecuredRegistry;
let ca: string;
let strangersCa: string;

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  ca = authority.file("ca.pem", authority.ca);
  strangersCa = stranger.file("ca.pem", stranger.ca);
  registry = await securedRegistry(authority);
}, 240_000);

afterAll(async () => {
  await registry?.stop();
  authority?.remove();
  stranger?.remove();
});

const environment = (more: object = {}) => ({
  WEFT_SCHEMA_REGISTRY_URL: `https://127.0.0.1:${registry.port}`,
  WEFT_SCHEMA_REGISTRY_USERNAME: user.username,
  WEFT_SCHEMA_REGISTRY_PASSWORD: user.password,
  WEFT_SCHEMA_REGISTRY_CA_FILE: ca,
  ...more,
});

function schemasFrom(values: NodeJS.ProcessEnv) {
  const record = recordingLogger();
  const options = connectionsFrom(values, "security-test").schemaRegistry();
  return { schemas: schemaRegistry(record, { ...options, attempts: 2, timeoutMs: 10_000 }), record };
}

it("registers and reads schemas through TLS and basic authentication", async () => {
  const { schemas, record } = schemasFrom(environment());
  const registered = await schemas.registerAll();
  expect(registered.length).toBeGreaterThan(0);
  const { schemas: another } = schemasFrom(environment());
  const id = await another.idOf("PriceChanged", 1);
  const { schemas: reader } = schemasFrom(environment());
  expect(await reader.typeOf(id)).toEqual({ eventType: "PriceChanged", major: 1 });
  expect(schemas.health?.()).toEqual({ status: "healthy" });
  expect(record.text()).not.toContain(user.password);
}, 60_000);

describe("the Schema Registry, and what is said of it, where", () => {
  it.each([
    [
      "the password is wrong",
      () => environment({ WEFT_SCHEMA_REGISTRY_PASSWORD: wrongPassword }),
      /refuses user "weft" \(401\): check schema_registry\.username/,
    ],
    [
      "there is no user",
      () => environment({ WEFT_SCHEMA_REGISTRY_USERNAME: "", WEFT_SCHEMA_REGISTRY_PASSWORD: "" }),
      /refuses requests without a user \(401\)/,
    ],
    [
      "the authority is not known",
      () => environment({ WEFT_SCHEMA_REGISTRY_CA_FILE: strangersCa }),
      /not signed by an authority/,
    ],
    [
      "the certificate is for another host",
      () => environment({ WEFT_SCHEMA_REGISTRY_URL: `https://localhost:${registry.port}` }),
      /certificate is for another host/,
    ],
    [
      "the certificate has expired",
      () => environment({ WEFT_SCHEMA_REGISTRY_URL: `https://127.0.0.1:${registry.expiredPort}` }),
      /certificate has expired: renew it there/,
    ],
  ])("%s", async (_, values, words) => {
    const { schemas, record } = schemasFrom(values());
    // Whoever publishes or reads waits and asks again: nothing is refused for good.
    const failed = await schemas.idOf("PriceChanged", 1).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failed).toMatchObject({
      code: "SCHEMA_REGISTRY_UNAVAILABLE",
      retryable: true,
      message: expect.stringMatching(words),
    });
    expect(await schemas.health?.()).toMatchObject({ status: "degraded", message: expect.stringMatching(words) });
    for (const secret of [user.password, wrongPassword]) {
      expect(record.text()).not.toContain(secret);
      expect(failed?.message).not.toContain(secret);
    }
  });
});
