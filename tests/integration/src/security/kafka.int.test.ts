import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Broker } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { connectionsFrom } from "@weft/service-kit/connections";
import { eventually } from "@weft/testkit";
import { type Authority, type Issued, newAuthority } from "./certificates.ts";
import { stopContainers } from "./containers.ts";
import { kafkaUser, type SecuredKafka, securedKafka } from "./kafka.ts";
import { recordingLogger } from "./recording-logger.ts";

let authority: Authority;
let stranger: Authority;
let kafka: SecuredKafka;
let client: Issued;
/** By name, files as an operator would have them. */
const files: Record<"ca" | "strangersCa" | "cert" | "key" | "strangersCert" | "strangersKey", string> = {
  ca: "",
  strangersCa: "",
  cert: "",
  key: "",
  strangersCert: "",
  strangersKey: "",
};

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  client = await authority.issue("orders-service");
  const strangers = await stranger.issue("orders-service");
  files.ca = authority.file("ca.pem", authority.ca);
  files.strangersCa = stranger.file("ca.pem", stranger.ca);
  files.cert = authority.file("cert.pem", client.cert);
  files.key = authority.file("key.pem", client.key);
  files.strangersCert = stranger.file("cert.pem", strangers.cert);
  files.strangersKey = stranger.file("key.pem", strangers.key);
  kafka = await securedKafka(authority);
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    await kafka.setScramPassword(mechanism, kafkaUser.username, kafkaUser.password);
  }
}, 240_000);

afterAll(async () => {
  await stopContainers([kafka?.container]);
  authority?.remove();
  stranger?.remove();
});

const user = { WEFT_KAFKA_USERNAME: kafkaUser.username, WEFT_KAFKA_PASSWORD: kafkaUser.password };

const plain = (more: object = {}) => ({
  WEFT_KAFKA_BROKERS: kafka.brokers("PLAIN"),
  WEFT_KAFKA_SASL_MECHANISM: "plain",
  ...user,
  ...more,
});
const scram = (more: object = {}) => ({
  WEFT_KAFKA_BROKERS: kafka.brokers("SCRAM"),
  WEFT_KAFKA_CA_FILE: files.ca,
  ...user,
  ...more,
});
const tls = (more: object = {}) => ({
  WEFT_KAFKA_BROKERS: kafka.brokers("TLS"),
  WEFT_KAFKA_CA_FILE: files.ca,
  ...more,
});
const mtls = (more: object = {}) => ({
  ...tls({ WEFT_KAFKA_BROKERS: kafka.brokers("MTLS") }),
  WEFT_KAFKA_CERT_FILE: files.cert,
  WEFT_KAFKA_KEY_FILE: files.key,
  ...more,
});

function brokerFrom(environment: NodeJS.ProcessEnv, startTimeoutMs: number) {
  const record = recordingLogger();
  const broker = kafkaBroker(record, { ...connectionsFrom(environment, "security-test").kafka(), startTimeoutMs });
  return { broker, record };
}

/** What a service does all day: topics, a record out, the same record in. */
async function roundTrip(broker: Broker): Promise<void> {
  const topic = `security-${randomUUID()}`;
  await broker.createTopics([{ topic, partitions: 1, replication: 1 }]);
  await broker.send([{ topic, key: "k", value: Buffer.from("sealed"), headers: {} }]);
  const seen: string[] = [];
  const tail = await broker.tail({ topics: [topic], from: "beginning" }, ({ value }) => seen.push(String(value)));
  await eventually("the record comes back", () => seen.length > 0 && seen);
  await tail.stop();
  expect(seen).toEqual(["sealed"]);
}

describe("Kafka lets in", () => {
  it.each([
    ["a user with PLAIN", () => plain()],
    ["a user with SCRAM-SHA-256 over TLS", () => scram({ WEFT_KAFKA_SASL_MECHANISM: "scram-sha-256" })],
    ["a user with SCRAM-SHA-512 over TLS", () => scram({ WEFT_KAFKA_SASL_MECHANISM: "scram-sha-512" })],
    ["a client that knows the authority", () => tls()],
    ["a client by another name of the broker", () => tls({ WEFT_KAFKA_SERVERNAME: "kafka.test" })],
    ["a client with a certificate of its own", () => mtls()],
  ])("%s", async (_, environment) => {
    const { broker, record } = brokerFrom(environment(), 30_000);
    try {
      await broker.start();
      await roundTrip(broker);
      expect(await broker.health?.()).toEqual({ status: "healthy" });
      expect(record.text()).not.toContain(kafkaUser.password);
    } finally {
      await broker.stop();
    }
  });
});

const wrongPassword = { WEFT_KAFKA_PASSWORD: "wrong-canary-3Xz" };

describe("Kafka, and what is said of it, where", () => {
  it.each([
    [
      "the password for PLAIN is wrong",
      () => plain(wrongPassword),
      /refuses user "weft" with PLAIN: check kafka\.sasl/,
    ],
    ["the password for SCRAM is wrong", () => scram(wrongPassword), /refuses user "weft" with SCRAM-SHA-512/],
    [
      "the mechanism is not offered",
      () => scram({ WEFT_KAFKA_SASL_MECHANISM: "plain" }),
      /does not offer PLAIN: set kafka\.sasl\.mechanism/,
    ],
    ["the authority is not known", () => tls({ WEFT_KAFKA_CA_FILE: files.strangersCa }), /not signed by an authority/],
    ["no authority is named", () => tls({ WEFT_KAFKA_CA_FILE: "", WEFT_KAFKA_TLS: "true" }), /name .* in `ca_file`/],
    [
      "the certificate is for another host",
      () => tls({ WEFT_KAFKA_BROKERS: kafka.brokers("TLS", "localhost") }),
      /certificate is for another host/,
    ],
    ["the certificate has expired", () => tls({ WEFT_KAFKA_BROKERS: kafka.brokers("EXPIRED") }), /has expired: renew/],
    [
      "the client has no certificate",
      () => tls({ WEFT_KAFKA_BROKERS: kafka.brokers("MTLS") }),
      /does not take the certificate of this process: name one/,
    ],
    [
      "the client's certificate is a stranger's",
      () => mtls({ WEFT_KAFKA_CERT_FILE: files.strangersCert, WEFT_KAFKA_KEY_FILE: files.strangersKey }),
      /does not take the certificate of this process: name one/,
    ],
  ])("%s", async (_, environment, words) => {
    const { broker, record } = brokerFrom(environment(), 0);
    try {
      const ended = broker.start().catch((error) => error);
      const attempts = () => record.lines().filter(({ msg }) => msg === "waiting for Kafka");
      // A handshake that takes longer than its bound, on a busy machine, says nothing of the certificate; the next one does.
      await eventually("it says so, and goes on", () => {
        const said = attempts().map(({ err }) => err as { code: string; message: string });
        return said.some(({ code, message }) => code === "BROKER_UNAVAILABLE" && words.test(message));
      });
      await eventually("its health says so", async () => {
        const health = await broker.health?.();
        return health?.status === "degraded" && words.test(health.message ?? "");
      });
      await broker.stop();
      expect(await ended).toMatchObject({ code: "BROKER_UNAVAILABLE" });
      for (const secret of [kafkaUser.password, wrongPassword.WEFT_KAFKA_PASSWORD, client.key.split("\n")[1]!]) {
        expect(record.text()).not.toContain(secret);
      }
    } finally {
      await broker.stop();
    }
  });
});

it("a start that has a bound fails with what was said last", async () => {
  const { broker } = brokerFrom(plain(wrongPassword), 1);
  try {
    await expect(broker.start()).rejects.toMatchObject({
      code: "BROKER_UNAVAILABLE",
      message: expect.stringMatching(/refuses user "weft" with PLAIN/),
    });
  } finally {
    await broker.stop();
  }
});

it("a refused password is tried again until it is right, though kafkajs calls it final", async () => {
  const late = { username: "late", password: "late-canary-9Kd" };
  const { broker, record } = brokerFrom(
    scram({ WEFT_KAFKA_USERNAME: late.username, WEFT_KAFKA_PASSWORD: late.password }),
    0,
  );
  try {
    const started = broker.start();
    const refusals = () => record.lines().filter(({ msg }) => msg === "waiting for Kafka").length;
    await eventually("it is refused more than once", () => refusals() >= 2);
    await kafka.setScramPassword("SCRAM-SHA-512", late.username, late.password);
    await started;
    await roundTrip(broker);
    expect(await broker.health?.()).toEqual({ status: "healthy" });
    expect(record.text()).not.toContain(late.password);
  } finally {
    await broker.stop();
  }
}, 120_000);

it("a file that cannot be read is refused before anything is tried, by its name in the environment", () => {
  expect(() => brokerFrom(tls({ WEFT_KAFKA_CA_FILE: "/nowhere/ca.pem" }), 1)).toThrow(
    /WEFT_KAFKA_CA_FILE: names a file that cannot be read: \/nowhere\/ca\.pem \(ENOENT\)/,
  );
});
