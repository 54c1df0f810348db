import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually, freePorts, type RunningMesh, type Runtime, runWeft, startMesh, weftProgram } from "@weft/testkit";

const processesOf = (runtime: Runtime) =>
  [runtime, ...runtime.infraProcesses, ...runtime.services].map(({ pid }) => pid);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const portOf = (address: string) => Number(address.slice(address.lastIndexOf(":") + 1).replace(/\/.*/, ""));
const portsOf = (runtime: Runtime) =>
  [
    runtime.kafka.brokers[0]!,
    runtime.consul.url,
    runtime.schemaRegistry.url,
    runtime.postgres.url,
    runtime.console.url,
    ...runtime.services.map(({ http }) => http),
  ].map(portOf);

/** Another program on a port that the mesh wants. */
async function occupy(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
  return { port: (server.address() as { port: number }).port, server };
}

describe("pnpm dev", () => {
  let stateDir: string;
  let mesh: RunningMesh;
  const servers: Server[] = [];

  beforeAll(() => {
    stateDir = mkdtempSync(join(tmpdir(), "weft-dev-"));
  });

  afterAll(async () => {
    await mesh?.stop();
    for (const server of servers) server.close();
    rmSync(stateDir, { recursive: true, force: true });
  }, 180_000);

  it("starts beside programs that hold its ports, and says where", async () => {
    const environment: NodeJS.ProcessEnv = {};
    for (const name of [
      "WEFT_POSTGRES_PORT",
      "WEFT_SCHEMA_REGISTRY_PORT",
      "WEFT_KAFKA_PORT",
      "WEFT_CATALOG_HTTP_PORT",
    ]) {
      const { port, server } = await occupy();
      servers.push(server);
      environment[name] = String(port);
    }
    mesh = await startMesh({ stateDir, environment });
    // It is shown right after the state that the start waited for.
    const table = await eventually("the table", () => mesh.lines().find((line) => line.includes('"addresses"')));
    for (const port of Object.values(environment)) expect(table).toContain(`port ${port} was taken`);
    for (const port of portsOf(mesh.runtime())) expect(await answers(port)).toBe(true);
    expect(existsSync(join(stateDir, "runtime.json"))).toBe(true);

    const body = { customerId: "cust_stays", email: "stays@example.com", profile: { firstName: "S", lastName: "T" } };
    expect((await mesh.api("POST", "/v1/customers", { body })).status).toBe(201);
  }, 180_000);

  it("refuses a second one beside it with code 2 and one line, and leaves the first alone", async () => {
    const second = await runWeft(["dev"], { environment: { WEFT_STATE_DIR: stateDir } });
    expect(second.code).toBe(2);
    expect(second.stderr.trim().split("\n")).toHaveLength(1);
    expect(second.stderr).toContain(`already runs here (pid ${mesh.pid}`);
    expect((await mesh.api("GET", "/v1/customers/cust_stays")).status).toBe(200);
  }, 180_000);

  it("fits into 1.2 GB, everything together", () => {
    const kilobytes = processTree(mesh.pid)
      .map((pid) => /^Pss:\s+(\d+)/m.exec(ofProcess(pid, "smaps_rollup"))?.[1])
      .reduce((sum, pss) => sum + Number(pss ?? 0), 0);
    process.stdout.write(`memory (PSS) of pnpm dev: ${(kilobytes / 1024).toFixed(0)} MB\n`);
    expect(kilobytes).toBeLessThan(1.2 * 1024 * 1024);
  });

  it("leaves nothing behind when it is killed, and the next start finds the data", async () => {
    const before = mesh.runtime();
    process.kill(mesh.pid, "SIGKILL");
    mesh = await startMesh({ stateDir });
    expect(processesOf(before).filter(isAlive)).toEqual([]);
    const found = await mesh.api("GET", "/v1/customers/cust_stays");
    expect(found.data.customer.email).toBe("stays@example.com");
  }, 240_000);

  it("ends with code 0 soon after Ctrl-C, without a process or a port left", async () => {
    const before = mesh.runtime();
    const tree = processTree(mesh.pid);
    const begun = performance.now();
    expect(await mesh.stop("SIGINT")).toBe(0);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(tree.filter(isAlive)).toEqual([]);
    for (const port of portsOf(before)) expect(await answers(port)).toBe(false);
    const stopped = mesh.lines().flatMap((line) => /"service.name":"([^"]+)","state":"stopped"/.exec(line)?.[1] ?? []);
    // What it passes on is still answered while it drains.
    expect(stopped[0]).toBe("gateway");
    expect(existsSync(join(stateDir, "runtime.json"))).toBe(false);
  }, 180_000);

  it("starts empty with --fresh, and runs several instances with --scale", async () => {
    mesh = await startMesh({
      stateDir,
      arguments: ["--fresh", "--only", "customer", "--scale", "customer=2", "--no-console"],
    });
    const instances = mesh.runtime().services.filter(({ name }) => name === "customer-service");
    expect(new Set(instances.map(({ instanceId }) => instanceId)).size).toBe(2);
    expect(mesh.runtime().console.url).toBe("");
    expect((await mesh.api("GET", "/v1/customers/cust_stays")).error).toMatchObject({ code: "CUSTOMER_NOT_FOUND" });
    const listed = await eventually("both are in Consul", async () => {
      const { stdout } = await runWeft(["services", "list", "--json"], { environment: { WEFT_STATE_DIR: stateDir } });
      const rows = (JSON.parse(stdout) as { service: string }[]).filter(
        ({ service }) => service === "customer-service",
      );
      return rows.length === 2 && rows;
    });
    expect(listed).toHaveLength(2);
  }, 180_000);

  it("stops orderly when whoever reads its output goes away", async () => {
    expect(await mesh.stop("SIGTERM")).toBe(0);
    const child = spawn(process.execPath, [...weftProgram, "dev", "--no-demo"], {
      env: { ...process.env, ...freePorts, WEFT_STATE_DIR: stateDir },
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(code).toBe(0);
    expect(existsSync(join(stateDir, "dev.json"))).toBe(false);
  }, 120_000);
});

/** A process and everything below it. */
function processTree(pid: number): number[] {
  const children = ofProcess(pid, `task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(processTree)];
}

/** What the system tells of a process; nothing of one that has ended meanwhile, as backends of PostgreSQL do by themselves. */
function ofProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
