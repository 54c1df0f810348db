import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { afterEach, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import type { Registration } from "../registry.ts";
import { entry, until } from "../testing/fake-consul.ts";
import { cleanUp, cleanups, consul, registryAt } from "../testing/registry.ts";
import { consulRegistry } from "./consul-registry.ts";
import { isDeadPredecessor, pidNamespace } from "./registration.ts";

afterEach(cleanUp);

const namespace = pidNamespace();
const ofOurNamespace: Record<string, string> = namespace === undefined ? {} : { pid_namespace: namespace };

const registration: Registration = {
  service: "thing-service",
  instanceId: "thing-1",
  version: "1.2.3",
  host: "127.0.0.1",
  port: 8001,
  grpcPort: 9001,
  tags: ["http"],
  metadata: { layer: "domain", team: "things", environment: "test", route: "/v1/things" },
  check: { intervalMs: 10_000, timeoutMs: 3000, deregisterCriticalAfterMs: 30_000 },
};

describe("registering", () => {
  it("registers as it should be seen, and deregisters when it ends", async () => {
    const fake = await consul();
    const registry = registryAt(fake.url, { token: "let-me-in" });
    const end = await registry.register(registration);
    const { body } = fake.requests.find(({ path }) => path === "/v1/agent/service/register")!;
    expect(body).toMatchObject({
      Name: "thing-service",
      ID: "thing-1",
      Address: "127.0.0.1",
      Port: 8001,
      Tags: ["http"],
      Meta: {
        version: "1.2.3",
        layer: "domain",
        team: "things",
        environment: "test",
        route: "/v1/things",
        grpc_port: "9001",
        host: hostname(),
        pid: String(process.pid),
        ...ofOurNamespace,
      },
      Checks: [
        {
          HTTP: "http://127.0.0.1:8001/health/ready",
          Header: { "X-Weft-Target": ["thing-service/thing-1"] },
          Interval: "10000ms",
          Timeout: "3000ms",
          Status: "passing",
          DeregisterCriticalServiceAfter: "30000ms",
        },
        { GRPC: "127.0.0.1:9001", Status: "passing" },
      ],
    });
    await end();
    expect(fake.agentServices.size).toBe(0);
    await end();
  });

  it("registers again when the agent forgot it, and when it is away at first", async () => {
    const fake = await consul();
    let refusals = 2;
    fake.lie = (_request, response) => {
      if (refusals-- <= 0) return false;
      response.destroy();
      return true;
    };
    const registry = registryAt(fake.url);
    await registry.register(registration);
    for (let time = 0; time < 3; time += 1) {
      fake.agentServices.clear();
      await until(() => fake.agentServices.has("thing-1"), "it registers again");
    }
    expect(registry.health!()).toMatchObject({ status: "healthy" });
  });

  it("goes on trying when it is refused, and says so", async () => {
    const fake = await consul();
    fake.lie = (_request, response) => {
      response.writeHead(403, { "content-type": "text/plain" }).end("Permission denied");
      return true;
    };
    const registry = registryAt(fake.url);
    const registered = registry.register(registration);
    await until(() => fake.requests.length > 2, "it tries again");
    expect(registry.health!()).toMatchObject({ status: "degraded", message: expect.stringContaining("403") });
    fake.lie = undefined;
    await registered;
  });

  it("takes its own dead predecessors of this host out, and nobody else", async () => {
    const fake = await consul();
    const dead = await endedProcess();
    const other = (ID: string, Meta: Record<string, string>, Service = "thing-service") =>
      fake.agentServices.set(ID, { ID, Service, Address: "127.0.0.1", Port: 1, Tags: [], Meta });
    const alive = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    cleanups.push(() => alive.kill("SIGKILL"));
    const here = { host: hostname(), ...ofOurNamespace };
    other("dead", { ...here, pid: String(dead.pid) });
    other("same pid, earlier", { ...here, pid: String(process.pid), process_start: "1" });
    other("alive", { ...here, pid: String(alive.pid) });
    other("other container", { ...here, pid: String(dead.pid), pid_namespace: "pid:[1]" });
    other("other container, same pid", {
      ...here,
      pid: String(process.pid),
      process_start: "1",
      pid_namespace: "pid:[1]",
    });
    other("other host", { ...here, host: "elsewhere", pid: String(dead.pid) });
    other("other service", { ...here, pid: String(dead.pid) }, "other-service");
    other("unknown", {});
    await registryAt(fake.url).register(registration);
    expect([...fake.agentServices.keys()].sort()).toEqual([
      "alive",
      "other container",
      "other container, same pid",
      "other host",
      "other service",
      "thing-1",
      "unknown",
    ]);
  });

  it("judges an instance that does not tell its pid namespace only where it cannot tell its own", async () => {
    const { pid } = await endedProcess();
    const earlier = { host: hostname(), pid: String(pid) };
    expect(isDeadPredecessor(earlier, "pid:[1]")).toBe(false);
    expect(isDeadPredecessor(earlier, undefined)).toBe(true);
    expect(isDeadPredecessor({ ...earlier, pid_namespace: "pid:[1]" }, undefined)).toBe(false);
  });

  it("ends within its bound when the agent hangs", async () => {
    const fake = await consul();
    const registry = registryAt(fake.url, { deregisterTimeoutMs: 100, requestTimeoutMs: 60_000 });
    const end = await registry.register(registration);
    fake.lie = () => true;
    const started = performance.now();
    await end();
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it("can be stopped before it ever came to register", async () => {
    const fake = await consul();
    await fake.close();
    const registry = registryAt(fake.url);
    const refused = expect(registry.register(registration)).rejects.toThrow("ended");
    await registry.stop();
    await refused;
  });

  it("refuses an address that nobody could call, and options that make no sense", async () => {
    const fake = await consul();
    await expect(registryAt(fake.url).register({ ...registration, host: "0.0.0.0", port: 0 })).rejects.toThrow(
      /host must be .*port must be a port/,
    );
    const wrong = { url: "consul:8500", waitMs: 0, selfCheckMs: 3e9, networks: ["lan"] };
    expect(() => consulRegistry({ log: silentLogger }, wrong)).toThrow(
      /url must.*networks must.*waitMs must.*selfCheckMs must/,
    );
  });
});

describe("the catalog", () => {
  it("shows every instance with its health, and not Consul itself", async () => {
    const fake = await consul();
    fake.health.set("consul", [entry("consul", 8300)]);
    const sick = { ...entry("b", 1001), Checks: [{ Status: "passing" }, { Status: "critical" }] };
    fake.health.set("thing-service", [entry("a", 1000), sick]);
    const catalog = await registryAt(fake.url).catalog();
    expect(catalog).toMatchObject([
      {
        service: "thing-service",
        instances: [
          { instanceId: "a", health: "passing" },
          { instanceId: "b", health: "critical" },
        ],
      },
    ]);
  });
});

async function endedProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  return child;
}
