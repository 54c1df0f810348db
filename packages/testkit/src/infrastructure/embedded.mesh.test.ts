import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "../eventually.ts";
import { type Infrastructure, startInfrastructure } from "./index.ts";

describe("startInfrastructure('embedded')", () => {
  let servers: Infrastructure;
  beforeAll(async () => {
    servers = await startInfrastructure("embedded");
  }, 120_000);
  afterAll(() => servers?.stop(), 90_000);

  const key = () => fetch(`${servers.consul.url}/v1/kv/a?raw`);

  it("brings a server back at its address with what it stored, however it went", async () => {
    await fetch(`${servers.consul.url}/v1/kv/a`, { method: "PUT", body: "stored" });
    for (const how of ["orderly", "immediate"] as const) {
      await servers.consul.halt(how);
      await expect(key()).rejects.toThrow();
      await servers.consul.start();
      expect([how, await (await key()).text()]).toEqual([how, "stored"]);
    }
  }, 120_000);

  it("brings Consul back empty, as from a machine of its own", async () => {
    await fetch(`${servers.consul.url}/v1/kv/a`, { method: "PUT", body: "stored" });
    await servers.consul.restartEmpty();
    expect((await key()).status).toBe(404);
  }, 120_000);

  it("freezes a server: connections stay open and nobody answers", async () => {
    const { schemaRegistry } = servers;
    await schemaRegistry.freeze();
    const asked = fetch(`${schemaRegistry.url}/subjects`);
    await expect(fetch(`${schemaRegistry.url}/subjects`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(
      "timeout",
    );
    await schemaRegistry.thaw();
    await eventually("the answer comes after all", async () => (await asked).ok);
  }, 120_000);
});
