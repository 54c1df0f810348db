import { type StartedTestContainer, Wait } from "testcontainers";
import type { Authority } from "./certificates.ts";
import { inContainer, secured } from "./containers.ts";

export const postgresPassword = "postgres-canary-4Tn";

export interface SecuredPostgres {
  readonly container: StartedTestContainer;
  /** With `{database}`, of which there is `orders`. */
  url(options?: { host?: string; secret?: string; query?: string }): string;
  /** What it shows from its next connection on. */
  useCertificate(which: "right" | "expired"): Promise<void>;
  /** Ends all connections of clients. */
  dropConnections(): Promise<void>;
}

/** Only over TLS, with a password. */
export async function securedPostgres(authority: Authority): Promise<SecuredPostgres> {
  const [right, expired] = await Promise.all([
    authority.issue("postgres", { hosts: ["127.0.0.1"] }),
    authority.issue("postgres", { hosts: ["127.0.0.1"], isExpired: true }),
  ]);
  // PostgreSQL reads a key only where it is the server's alone.
  const start = [
    "install -d -o postgres -m 700 /run/weft && install -o postgres -m 600 /certificates/* /run/weft",
    "exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/run/weft/right.pem -c ssl_key_file=/run/weft/right.key -c hba_file=/run/weft/hba.conf -c fsync=off -c max_connections=300",
  ];
  const container = await secured("WEFT_IMAGE_POSTGRES")
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
    .withEnvironment({ POSTGRES_USER: "weft", POSTGRES_PASSWORD: postgresPassword, POSTGRES_DB: "orders" })
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/listening on IPv4 address/))
    .withStartupTimeout(120_000)
    .start();
  const run = async (...commands: string[]) => {
    const { exitCode, output } = await container.exec(["sh", "-c", commands.join(" && ")]);
    if (exitCode !== 0) throw new Error(output);
  };
  const sql = (statement: string) => `psql -U weft -d orders -c "${statement}"`;
  return {
    container,
    url: ({ host = "127.0.0.1", secret = postgresPassword, query = "" } = {}) =>
      `postgres://weft:${secret}@${host}:${container.getMappedPort(5432)}/{database}${query}`,
    async useCertificate(which) {
      const install = ["pem", "key"].map(
        (end) => `install -o postgres -m 600 /certificates/${which}.${end} /run/weft/right.${end}`,
      );
      await run(...install, sql("SELECT pg_reload_conf()"));
    },
    dropConnections: () =>
      run(sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_addr IS NOT NULL")),
  };
}
