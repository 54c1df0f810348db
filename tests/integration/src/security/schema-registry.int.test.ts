import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { schemaRegistry } from "@weft/messaging";
import { connectionsFrom } from "@weft/service-kit/plain";
import { type StartedTestContainer, Wait } from "testcontainers";
import { type Authority, type Issued, newAuthority } from "./certificates.ts";
import { secured, stopContainers } from "./containers.ts";
import { recordingLogger } from "./recording-logger.ts";

const user = { username: "weft", password: "registry-canary-2Hv" };
const wrongPassword = "wrong-canary-5Pr";
let authority: Authority;
let stranger: Authority;
let registry: StartedTestContainer;
let front: Server;
let expiredFront: Server;
let ca: string;
let strangersCa: string;

/** What stands in front of a registry in a cluster: TLS and basic authentication, and the registry behind it. */
async function reverseProxy(certificate: Issued): Promise<Server> {
  const expected = Buffer.from(`Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`);
  const isKnown = (stated = "") => stated.length === expected.length && timingSafeEqual(Buffer.from(stated), expected);
  const server = createServer(certificate, (incoming, answer) => {
    if (!isKnown(incoming.headers.authorization)) {
      answer.writeHead(401, { "www-authenticate": "Basic", "content-type": "application/json" });
      return void answer.end(JSON.stringify({ error_code: 401, message: "Unauthorized" }));
    }
    const { authorization: _, host: __, ...headers } = incoming.headers;
    const target = { host: "127.0.0.1", port: registry.getMappedPort(8080), path: `/apis/ccompat/v7${incoming.url}` };
    const passed = request({ ...target, method: incoming.method, headers }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    incoming.pipe(passed);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

const port = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  ca = authority.file("ca.pem", authority.ca);
  strangersCa = stranger.file("ca.pem", stranger.ca);
  registry = await secured("WEFT_IMAGE_REGISTRY")
    .withEnvironment({ JAVA_TOOL_OPTIONS: "-Xms128m -Xmx384m -XX:TieredStopAtLevel=1" })
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp("/apis/ccompat/v7/subjects", 8080))
    .withStartupTimeout(150_000)
    .start();
  front = await reverseProxy(await authority.issue("registry", { hosts: ["127.0.0.1"] }));
  expiredFront = await reverseProxy(await authority.issue("registry", { hosts: ["127.0.0.1"], isExpired: true }));
}, 240_000);

afterAll(async () => {
  for (const server of [front, expiredFront]) {
    server?.closeAllConnections();
    server?.close();
  }
  await stopContainers([registry]);
  authority?.remove();
  stranger?.remove();
});

const environment = (more: object = {}) => ({
  WEFT_SCHEMA_REGISTRY_URL: `https://127.0.0.1:${port(front)}`,
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
      () => environment({ WEFT_SCHEMA_REGISTRY_URL: `https://localhost:${port(front)}` }),
      /certificate is for another host/,
    ],
    [
      "the certificate has expired",
      () => environment({ WEFT_SCHEMA_REGISTRY_URL: `https://127.0.0.1:${port(expiredFront)}` }),
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
