import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { postgres } from "@weft/outbox";
import { connectionsFrom } from "@weft/service-kit/connections";
import { eventually } from "@weft/testkit";
import { type Authority, newAuthority } from "./certificates.ts";
import { stopContainers } from "./containers.ts";
import { postgresPassword as password, type SecuredPostgres, securedPostgres } from "./postgres.ts";
import { recordingLogger } from "./recording-logger.ts";

const wrongPassword = "wrong-canary-8Lm";
let authority: Authority;
let stranger: Authority;
let server: SecuredPostgres;
let ca: string;
let strangersCa: string;

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  ca = authority.file("ca.pem", authority.ca);
  strangersCa = stranger.file("ca.pem", stranger.ca);
  server = await securedPostgres(authority);
}, 240_000);

afterAll(async () => {
  await stopContainers([server?.container]);
  authority?.remove();
  stranger?.remove();
});

const url: SecuredPostgres["url"] = (options) => server.url(options);

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
    try {
      await database.start();
      await database.query("SELECT 1");
      await server.useCertificate("expired");
      await eventually("a new process is refused", () =>
        refusal({ WEFT_POSTGRES_URL: url(), WEFT_POSTGRES_CA_FILE: ca }, /has expired: renew it there/).then(
          () => true,
        ),
      );
      // The connection that it has goes on.
      expect((await database.query("SELECT 1")).rows).toHaveLength(1);
      await server.dropConnections();
      await eventually(
        "its next connection is refused",
        async () => (await database.health?.())?.status === "degraded",
      );
      await expect(database.query("SELECT 1")).rejects.toMatchObject({
        code: "DATABASE_UNAVAILABLE",
        message: expect.stringMatching(/has expired: renew it there/),
      });
      await server.useCertificate("right");
      await eventually(
        "the next statement finds the server",
        async () => (await database.query("SELECT 1")).rows.length === 1,
      );
      expect(await database.health?.()).toMatchObject({ status: "healthy" });
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
