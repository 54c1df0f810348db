import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { type EmbeddedProcess, embeddedConsul, spawnEmbedded } from "@weft/embedded";
import { eventually } from "@weft/testkit";
import { consulAclConformance, consulConformance } from "@weft/testkit/conformance";

async function started(options: { acl?: { initialManagementToken: string } } = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-consul-"));
  const server = embeddedConsul({ log: silentLogger }, { dataDir, port: 0, ...options });
  await server.start();
  return {
    url: `http://127.0.0.1:${server.address.port}`,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

consulConformance("embedded", started);
consulAclConformance("embedded", async () => {
  const token = randomUUID();
  return { ...(await started({ acl: { initialManagementToken: token } })), token };
});

describe("embedded Consul", () => {
  let dataDir: string;
  let server: EmbeddedProcess;
  const start = async () => {
    server = await spawnEmbedded("consul", { dataDir, port: 0 });
    return server;
  };
  const put = (path: string, body: unknown) =>
    fetch(`${server.url}${path}`, { method: "PUT", body: typeof body === "string" ? body : JSON.stringify(body) });
  const health = async () => {
    const response = await fetch(`${server.url}/v1/health/service/catalog?passing`);
    return {
      found: ((await response.json()) as unknown[]).length,
      index: Number(response.headers.get("x-consul-index")),
    };
  };

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "weft-consul-"));
    await start();
  });
  afterEach(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("has services, their status and keys again after kill -9, indexes that went on, and checks that resumed", async () => {
    const target = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
    const { port } = target.address() as { port: number };
    const Check = { HTTP: `http://127.0.0.1:${port}/`, Interval: "1s", Timeout: "30s", Status: "passing" };
    await put("/v1/agent/service/register", { Name: "catalog", Port: port, Check });
    const { ID } = (await (await put("/v1/session/create", { TTL: "60s" })).json()) as { ID: string };
    await put(`/v1/kv/a?acquire=${ID}`, "b");
    const before = await health();
    process.kill(server.pid, "SIGKILL");
    expect((await server.exited).signal).toBe("SIGKILL");

    await start();
    const after = await health();
    expect([before.found, after.found]).toEqual([1, 1]);
    expect(after.index).toBeGreaterThan(before.index);
    expect(await (await fetch(`${server.url}/v1/kv/a?raw`)).text()).toBe("b");
    expect(await (await fetch(`${server.url}/v1/kv/a`)).json()).toMatchObject([{ Session: ID, LockIndex: 1 }]);
    expect(await (await put(`/v1/session/renew/${ID}`, {})).json()).toMatchObject([{ ID }]);
    target.close();
    target.closeAllConnections();
    await eventually("its check notices", async () => (await health()).found === 0);
  });

  it("keeps policies and tokens over a restart", async () => {
    const options = { dataDir: join(dataDir, "acl"), port: 0, acl: { initialManagementToken: randomUUID() } };
    const ask = async (
      agent: { address: { port: number } },
      token: string,
      method: string,
      path: string,
      body?: object,
    ) =>
      fetch(`http://127.0.0.1:${agent.address.port}${path}`, {
        method,
        headers: { "x-consul-token": token },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const first = embeddedConsul({ log: silentLogger }, options);
    await first.start();
    const { initialManagementToken } = options.acl;
    await ask(first, initialManagementToken, "PUT", "/v1/acl/policy", {
      Name: "own",
      Rules: 'service "own" { policy = "write" }',
    });
    const made = await ask(first, initialManagementToken, "PUT", "/v1/acl/token", { Policies: [{ Name: "own" }] });
    const { SecretID } = (await made.json()) as { SecretID: string };
    const anonymous = "/v1/acl/token/00000000-0000-0000-0000-000000000002";
    await ask(first, initialManagementToken, "PUT", anonymous, { Policies: [{ Name: "own" }] });
    const self = await ask(first, initialManagementToken, "GET", "/v1/acl/token/self");
    const { AccessorID } = (await self.json()) as { AccessorID: string };
    await ask(first, initialManagementToken, "DELETE", `/v1/acl/token/${AccessorID}`);
    await first.stop();
    const second = embeddedConsul({ log: silentLogger }, options);
    await second.start();
    const register = async (Name: string, token = SecretID) =>
      (await ask(second, token, "PUT", "/v1/agent/service/register", { Name })).status;
    expect([await register("own"), await register("other")]).toEqual([200, 403]);
    expect([await register("own", ""), await register("other", "")]).toEqual([200, 403]);
    // Deleted is deleted, also where the option still names it.
    expect(await register("own", initialManagementToken)).toBe(403);
    await second.stop();
  });

  it("has sessions and what they lock again after kill -9", async () => {
    const made = await put("/v1/session/create", { TTL: "60s", LockDelay: "0s" });
    const { ID } = (await made.json()) as { ID: string };
    expect(await (await put(`/v1/kv/lock?acquire=${ID}`, "mine")).json()).toBe(true);
    process.kill(server.pid, "SIGKILL");
    await server.exited;

    await start();
    const other = (await (await put("/v1/session/create", {})).json()) as { ID: string };
    expect(await (await put(`/v1/kv/lock?acquire=${other.ID}`, "theirs")).json()).toBe(false);
    expect(await (await put(`/v1/session/destroy/${ID}`, "")).json()).toBe(true);
    expect(await (await put(`/v1/kv/lock?acquire=${other.ID}`, "theirs")).json()).toBe(true);
  });

  it("has all of a transaction again after kill -9", async () => {
    const keys = ["one", "two"];
    const transaction = keys.map((Key) => ({ KV: { Verb: "set", Key, Value: "YQ==" } }));
    const done = await fetch(`${server.url}/v1/txn`, { method: "PUT", body: JSON.stringify(transaction) });
    expect(done.status).toBe(200);
    process.kill(server.pid, "SIGKILL");
    await server.exited;

    await start();
    for (const key of keys) expect(await (await fetch(`${server.url}/v1/kv/${key}?raw`)).text()).toBe("a");
  });

  it("has an index that went on after kill -9, however often a status changed", async () => {
    await put("/v1/agent/service/register", { Name: "catalog", Check: { TTL: "1h" } });
    for (let change = 0; change < 1200; change++)
      await put(`/v1/agent/check/${change % 2 === 0 ? "pass" : "fail"}/service:catalog`, "");
    const before = await health();
    process.kill(server.pid, "SIGKILL");
    await server.exited;

    await start();
    expect((await health()).index).toBeGreaterThan(before.index);
  });

  it("keeps nothing of a change of keys that cannot be written, and shows it to nobody", async () => {
    const { ID } = (await (await put("/v1/session/create", {})).json()) as { ID: string };
    await put("/v1/kv/there", "before");
    const seen = async () => {
      const response = await fetch(`${server.url}/v1/kv/?recurse`);
      return { index: Number(response.headers.get("x-consul-index")), entries: await response.json() };
    };
    const before = await seen();
    const gone = new AbortController();
    let isWoken = false;
    const waiting = fetch(`${server.url}/v1/kv/?recurse&index=${before.index}&wait=1m`, { signal: gone.signal })
      .then(() => {
        isWoken = true;
      })
      .catch(() => {});

    // In the way of the file that is written first and then renamed.
    const obstacle = join(dataDir, "kv.json.next");
    mkdirSync(obstacle);
    const refused = [
      await put("/v1/kv/new", "x"),
      await put(`/v1/kv/lock?acquire=${ID}`, "x"),
      await put("/v1/kv/there", "after"),
      await fetch(`${server.url}/v1/kv/there`, { method: "DELETE" }),
      await put("/v1/txn", [{ KV: { Verb: "set", Key: "new", Value: "YQ==" } }]),
    ];
    expect(refused.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500]);
    expect([await seen(), isWoken]).toEqual([before, false]);
    gone.abort();
    await waiting;

    rmdirSync(obstacle);
    expect(await (await put(`/v1/kv/lock?acquire=${ID}`, "x")).json()).toBe(true);
    const after = await seen();
    expect(after).toMatchObject({ index: before.index + 1, entries: [{ LockIndex: 1 }, { Key: "there" }] });
    process.kill(server.pid, "SIGKILL");
    await server.exited;
    await start();
    expect((await seen()).entries).toEqual(after.entries);

    // Nor where it is the index that cannot be written, which goes with each change.
    const other = join(dataDir, "agent.json.next");
    mkdirSync(other);
    expect((await put("/v1/kv/there", "after")).status).toBe(500);
    process.kill(server.pid, "SIGKILL");
    await server.exited;
    rmdirSync(other);
    await start();
    expect((await seen()).entries).toEqual(after.entries);
  });

  it("ends a blocking query at once when it stops", async () => {
    const { index } = await health();
    const waiting = fetch(`${server.url}/v1/health/service/catalog?index=${index}&wait=5m`).catch(() => "cut");
    const stopped = server.stop();
    await Promise.all([waiting, stopped]);
    expect(await server.exited).toMatchObject({ code: 0 });
  });

  it("removes a service that stays critical, with its checks", async () => {
    const agent = embeddedConsul(
      { log: silentLogger },
      { dataDir: join(dataDir, "other"), port: 0, reapIntervalMs: 50, minDeregisterMs: 100 },
    );
    await agent.start();
    const url = `http://127.0.0.1:${agent.address.port}`;
    const register = (Name: string, more: object) =>
      fetch(`${url}/v1/agent/service/register`, {
        method: "PUT",
        body: JSON.stringify({ Name, Check: { TTL: "60s", ...more } }),
      });
    await register("kept", {});
    await register("reaped", { DeregisterCriticalServiceAfter: "10ms" });
    const ids = async () => Object.keys((await (await fetch(`${url}/v1/agent/services`)).json()) as object);
    await eventually("the service is gone", async () => !(await ids()).includes("reaped"));
    expect(await ids()).toEqual(["kept"]);
    await agent.stop();
  });
});
