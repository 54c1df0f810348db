import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { postgres } from "@weft/outbox";
import { connectionsFrom } from "@weft/service-kit/plain";
import { eventually } from "@weft/testkit";
import { type StartedTestContainer, Wait } from "testcontainers";
import { type Authority, newAuthority } from "./certificates.ts";
import { inContainer, secured, stopContainers } from "./containers.ts";
import { recordingLogger } from "./recording-logger.ts";

const password = "postgres-canary-4Tn";
const wrongPassword = "wrong-canary-8Lm";
let authority: Authority;
let stranger: Authority;
let server: StartedTestContainer;
let ca: string;
let strangersCa: string;

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  ca = authority.file("ca.pem", authority.ca);
  strangersCa = stranger.file("ca.pem", stranger.ca);
  const right = await authority.issue("postgres", { hosts: ["127.0.0.1"] });
  const expired = await authority.issue("postgres", { hosts: ["127.0.0.1"], isExpired: true });
  // PostgreSQL reads a key only where it is the server's alone.
  const start = [
    "install -d -o postgres -m 700 /run/weft && install -o postgres -m 600 /certificates/* /run/weft",
    "exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/run/weft/right.pem -c ssl_key_file=/run/weft/right.key -c hba_file=/run/weft/hba.conf -c fsync=off",
  ];
  server = await secured("WEFT_IMAGE_POSTGRES")
    .withEntrypoint(["sh", "-c"])
    .withCommand([start.join(" && ")])
    .withCopyContentToContainer(
      inContainer({
        "/certificates/right.pem": right.cert,
        "/certificates/right.key": right.key,
        "/certificates/expired.pem": expired.cert,
        "/certificates/expired.key": expired.key,
        "/certificates/hba.conf": "local all all trust\nhostssl all all all scram-sha-256\n",
      }),
    )
    .withEnvironment({ POSTGRES_USER: "weft", POSTGRES_PASSWORD: password, POSTGRES_DB: "orders" })
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/listening on IPv4 address/))
    .withStartupTimeout(120_000)
    .start();
}, 240_000);

afterAll(async () => {
  await stopContainers([server]);
  authority?.remove();
  stranger?.remove();
});

const url = ({ host = "127.0.0.1", secret = password, query = "" } = {}) =>
  `postgres://weft:${secret}@${host}:${server.getMappedPort(5432)}/{database}${query}`;

function databaseFrom(environment: NodeJS.ProcessEnv, startTimeoutMs = 20_000) {
  const record = recordingLogger();
  const { source, tls } = connectionsFrom(environment, "security-test").database("orders");
  return { database: postgres(record, { source, ...(tls ? { tls } : {}), startTimeoutMs }), record };
}

const isEncrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

describe("PostgreSQL lets in", () => {
  it.each([
    [
      "with verify-full in the URL",
      () => ({ WEFT_POSTGRES_URL: url({ query: `?sslmode=verify-full&sslrootcert=${ca}` }) }),
    ],
    ["with a file in the environment", () => ({ WEFT_POSTGRES_URL: url(), WEFT_POSTGRES_CA_FILE: ca })],
  ])("a service %s, and every pool is encrypted", async (_, environment) => {
    const { database, record } = databaseFrom(environment());
    try {
      await database.start();
      expect((await database.query(isEncrypted)).rows).toEqual([{ ssl: true }]);
      expect((await database.transaction((tx) => tx.query(isEncrypted))).rows).toEqual([{ ssl: true }]);
      expect(await database.health?.()).toMatchObject({ status: "healthy" });
      expect(record.text()).not.toContain(password);
    } finally {
      await database.stop();
    }
  });
});

async function refusal(environment: NodeJS.ProcessEnv, words: RegExp): Promise<void> {
  const { database, record } = databaseFrom(environment, 300);
  try {
    const failed = await database.start().then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failed).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      retryable: true,
      message: expect.stringMatching(words),
    });
    for (const secret of [password, wrongPassword]) {
      expect(record.text()).not.toContain(secret);
      expect(failed?.message).not.toContain(secret);
    }
  } finally {
    await database.stop();
  }
}

describe("PostgreSQL, and what is said of it, where", () => {
  const checked = (more: object) => ({ WEFT_POSTGRES_CA_FILE: ca, WEFT_POSTGRES_URL: url(), ...more });
  it.each([
    [
      "the password is wrong",
      () => checked({ WEFT_POSTGRES_URL: url({ secret: wrongPassword }) }),
      /refuses this user or password/,
    ],
    ["the authority is not known", () => checked({ WEFT_POSTGRES_CA_FILE: strangersCa }), /not signed by an authority/],
    [
      "no authority is named",
      () => checked({ WEFT_POSTGRES_CA_FILE: "", WEFT_POSTGRES_TLS: "true" }),
      /name .* in `ca_file`/,
    ],
    [
      "the certificate is for another host",
      () => checked({ WEFT_POSTGRES_URL: url({ host: "localhost" }) }),
      /for another host/,
    ],
    ["the server takes only TLS", () => ({ WEFT_POSTGRES_URL: url() }), /refuses this user: .*no encryption/],
  ])("%s", (_, environment, words) => refusal(environment(), words));

  it("a certificate expires while the service runs: new connections are refused, the process stays, and a renewal heals", async () => {
    const { database } = databaseFrom({ WEFT_POSTGRES_URL: url(), WEFT_POSTGRES_CA_FILE: ca });
    const useCertificate = async (name: string) => {
      const install = ["pem", "key"].map(
        (end) => `install -o postgres -m 600 /certificates/${name}.${end} /run/weft/right.${end}`,
      );
      const reload = `psql -U weft -d orders -c "SELECT pg_reload_conf()"`;
      const { exitCode, output } = await server.exec(["sh", "-c", [...install, reload].join(" && ")]);
      if (exitCode !== 0) throw new Error(output);
    };
    try {
      await database.start();
      await useCertificate("expired");
      await eventually("a new process is refused", () =>
        refusal({ WEFT_POSTGRES_URL: url(), WEFT_POSTGRES_CA_FILE: ca }, /has expired: renew it there/).then(
          () => true,
        ),
      );
      await useCertificate("right");
      await eventually(
        "the next statement finds the server",
        async () => (await database.query("SELECT 1")).rows.length === 1,
      );
    } finally {
      await database.stop();
    }
  });
});

it.each(["require", "prefer", "no-verify", "verify-ca"])(
  "sslmode=%s is refused: it leaves unchecked who answers",
  (mode) => {
    expect(() => databaseFrom({ WEFT_POSTGRES_URL: url({ query: `?sslmode=${mode}` }) })).toThrow(
      /WEFT_POSTGRES_URL: must have sslmode=verify-full/,
    );
    expect(() => postgres(recordingLogger(), { source: `postgres://a:b@c/d?sslmode=${mode}` })).toThrow(/verify-full/);
  },
);
