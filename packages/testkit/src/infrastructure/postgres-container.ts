import { Client } from "pg";
import { type StartOptions, startContainer } from "./container.ts";
import type { Infrastructure } from "./server.ts";

/** PostgreSQL. "Immediate" is its own word: the signal of `pg_ctl stop -m immediate`, after which it recovers from its log. */
export async function postgresContainer(options: StartOptions = {}): Promise<Infrastructure["postgres"]> {
  const urlOf = (port: number) => `postgres://weft:weft@127.0.0.1:${port}/{database}`;
  const { server, port } = await startContainer(
    (hostPort) => ({
      name: "postgres",
      image: "WEFT_IMAGE_POSTGRES",
      containerPort: 5432,
      immediateSignal: "SIGQUIT",
      environment: { POSTGRES_USER: "weft", POSTGRES_PASSWORD: "weft", POSTGRES_DB: "weft" },
      command: ["postgres", "-c", "max_connections=300"],
      async answers() {
        const client = new Client({
          connectionString: urlOf(hostPort).replace("{database}", "weft"),
          connectionTimeoutMillis: 2_000,
        });
        client.on("error", () => {});
        try {
          await client.connect();
          return (await client.query("SELECT 1")).rowCount === 1;
        } finally {
          await client.end().catch(() => {});
        }
      },
    }),
    options,
  );
  return { ...server, url: urlOf(port) };
}
