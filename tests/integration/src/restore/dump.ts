import { spawn } from "node:child_process";
import type { Backup } from "@weft/mesh-tests/suites";

/** What a command gives out, of the container that publishes this port. @throws Error with what it says of its failure */
async function inContainer(container: string, args: readonly string[], input?: Buffer): Promise<Buffer> {
  const child = spawn("docker", ["exec", "-i", container, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${errors}`);
  return Buffer.concat(out);
}

async function containerAt(port: string): Promise<string> {
  const child = spawn("docker", ["ps", "--quiet", "--filter", `publish=${port}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let id = "";
  child.stdout.on("data", (chunk: Buffer) => {
    id += chunk.toString();
  });
  await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (id.trim() === "") throw new Error(`no container publishes port ${port}`);
  return id.trim();
}

/** `pg_dump` and `pg_restore` of the server's own version, in its container. */
export const backupByDump: Backup = async (mesh, database) => {
  const url = new URL(mesh.mesh.runtime().postgres.url.replace("{database}", database));
  const container = await containerAt(url.port);
  const name = url.pathname.slice(1);
  const as = ["--username", url.username, "--dbname", name];
  const dump = await inContainer(container, ["pg_dump", "--format=custom", ...as]);
  return async () => {
    // Not `--clean`: it drops the keys of partitions one by one, which PostgreSQL refuses, as they are those of the whole table.
    const empty = "DROP SCHEMA weft, public CASCADE; CREATE SCHEMA public";
    await inContainer(container, ["psql", "--set", "ON_ERROR_STOP=1", ...as, "--command", empty]);
    await inContainer(container, ["pg_restore", "--exit-on-error", "--single-transaction", ...as], dump);
  };
};
