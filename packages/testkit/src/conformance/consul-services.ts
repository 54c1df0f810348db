import { createServer } from "node:net";
import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import type { ConsulScripts } from "./consul-session.ts";

export const serviceScripts: ConsulScripts = {
  "registers a service and gives it back with what was said": async (session) => {
    const Name = session.name();
    await session.register({
      Name,
      ID: `${Name}-1`,
      Port: 8001,
      Address: "10.0.0.1",
      Tags: ["a", "b"],
      Meta: { version: "1.2" },
    });
    const { status, json } = await session.get(`/v1/agent/service/${Name}-1`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ID: `${Name}-1`,
      Service: Name,
      Port: 8001,
      Address: "10.0.0.1",
      Tags: ["a", "b"],
      Meta: { version: "1.2" },
    });
  },
  "lists the agent's services by id": async (session) => {
    const Name = session.name();
    await session.register({ Name, ID: `${Name}-1` });
    await session.register({ Name, ID: `${Name}-2` });
    const all = (await session.get("/v1/agent/services")).json as Record<string, { Service: string }>;
    expect([all[`${Name}-1`]?.Service, all[`${Name}-2`]?.Service]).toEqual([Name, Name]);
  },
  "takes the name for the id where none is given": async (session) => {
    const Name = session.name();
    await session.register({ Name });
    expect(await session.health(Name)).toMatchObject([{ Service: { ID: Name } }]);
  },
  "refuses a registration without a name": async (session) => {
    const { status, text } = await session.put("/v1/agent/service/register", { Port: 1 });
    expect(status).toBe(400);
    expect(text).toContain("Missing service name");
  },
  "refuses a registration that is no JSON": async (session) => {
    const { status, text } = await session.put("/v1/agent/service/register", "{nonsense");
    expect(status).toBe(400);
    expect(text).toContain("Request decode failed");
  },
  "refuses a check without an interval": async (session) => {
    const { status, text } = await session.put("/v1/agent/service/register", {
      Name: session.name(),
      Check: { HTTP: "http://127.0.0.1:1/" },
    });
    expect(status).toBe(400);
    expect(text).toContain("Interval must be > 0");
  },
  "removes a service, and with it its checks": async (session) => {
    const Name = session.name();
    await session.register({ Name, Check: { TTL: "60s", Status: "passing" } });
    expect((await session.put(`/v1/agent/service/deregister/${Name}`)).status).toBe(200);
    expect(await session.health(Name)).toEqual([]);
    expect((await session.get("/v1/agent/checks")).json).not.toHaveProperty([`service:${Name}`]);
  },
  "says that an unknown service is unknown": async (session) => {
    const { status, text } = await session.put(`/v1/agent/service/deregister/${session.name()}`);
    expect(status).toBeGreaterThanOrEqual(404);
    expect(text).toMatch(/unknown service/i);
    expect((await session.get(`/v1/agent/service/${session.name()}`)).status).toBe(404);
  },
  "numbers the checks of a service that has several": async (session) => {
    const Name = session.name();
    await session.register({ Name, Checks: [{ TTL: "60s" }, { TTL: "60s" }] });
    const [entry] = await session.health(Name);
    expect(entry?.Checks.map(({ CheckID }) => CheckID).sort()).toEqual(
      ["serfHealth", `service:${Name}:1`, `service:${Name}:2`].sort(),
    );
  },
  "keeps a check's status when the service registers again": async (session) => {
    const Name = session.name();
    const service = { Name, Check: { TTL: "60s" } };
    await session.register(service);
    await session.put(`/v1/agent/check/pass/service:${Name}`);
    await session.register({ ...service, Port: 99 });
    expect(await session.statusOf(Name, `service:${Name}`)).toBe("passing");
  },
  "starts a check as critical, or as the registration says": async (session) => {
    const [silent, said] = [session.name(), session.name()];
    await session.register({ Name: silent, Check: { TTL: "60s" } });
    await session.register({ Name: said, Check: { TTL: "60s", Status: "passing" } });
    expect([
      await session.statusOf(silent, `service:${silent}`),
      await session.statusOf(said, `service:${said}`),
    ]).toEqual(["critical", "passing"]);
  },
  "answers only passing instances when asked to": async (session) => {
    const Name = session.name();
    await session.register({ Name, ID: `${Name}-1`, Check: { TTL: "60s", Status: "passing" } });
    await session.register({ Name, ID: `${Name}-2`, Check: { TTL: "60s", Status: "warning" } });
    await session.register({ Name, ID: `${Name}-3`, Check: { TTL: "60s" } });
    expect((await session.health(Name)).length).toBe(3);
    expect((await session.health(Name, "?passing=true")).map(({ Service }) => Service.ID)).toEqual([`${Name}-1`]);
    expect((await session.health(Name, "?passing")).length).toBe(1);
  },
  "filters by tag": async (session) => {
    const Name = session.name();
    await session.register({ Name, ID: `${Name}-1`, Tags: ["v1"] });
    await session.register({ Name, ID: `${Name}-2`, Tags: ["v2"] });
    expect((await session.health(Name, "?tag=v2")).map(({ Service }) => Service.ID)).toEqual([`${Name}-2`]);
    expect(
      ((await session.get(`/v1/catalog/service/${Name}?tag=v1`)).json as { ServiceID: string }[]).map(
        ({ ServiceID }) => ServiceID,
      ),
    ).toEqual([`${Name}-1`]);
  },
  "lists service names with their tags": async (session) => {
    const Name = session.name();
    await session.register({ Name, Tags: ["x"] });
    const all = (await session.get("/v1/catalog/services")).json as Record<string, string[]>;
    expect(all[Name]).toEqual(["x"]);
    expect(all.consul).toBeDefined();
  },
  "puts a service in maintenance and takes it out again": async (session) => {
    const Name = session.name();
    await session.register({ Name });
    await session.put(`/v1/agent/service/maintenance/${Name}?enable=true&reason=moving`);
    const [entry] = await session.health(Name);
    expect(entry?.Checks).toContainEqual(
      expect.objectContaining({ CheckID: `_service_maintenance:${Name}`, Status: "critical", Notes: "moving" }),
    );
    await session.put(`/v1/agent/service/maintenance/${Name}?enable=false`);
    expect((await session.health(Name, "?passing")).length).toBe(1);
  },
  "accepts a token": async (session) => {
    const { status } = await session.request("GET", "/v1/agent/services", undefined, {
      "X-Consul-Token": "anything-at-all",
    });
    expect([200, 403]).toContain(status);
  },
  "knows itself and its leader": async (session) => {
    expect((await session.get("/v1/agent/self")).json).toMatchObject({
      Config: { Datacenter: expect.any(String), NodeName: expect.any(String) },
      Member: { Name: expect.any(String) },
    });
    expect((await session.get("/v1/status/leader")).json).toMatch(/:\d+$/);
    expect(((await session.get("/v1/catalog/nodes")).json as unknown[]).length).toBe(1);
  },
  "answers 404 for what it does not know, and 405 for the wrong method": async (session) => {
    expect((await session.get("/v1/no/such/thing")).status).toBe(404);
    const { status, text } = await session.request("POST", "/v1/agent/service/register", {});
    expect([status, text]).toEqual([405, "method POST not allowed"]);
  },
};

export const checkScripts: ConsulScripts = {
  "asks over HTTP: 2xx passes, 429 warns, the rest is critical, and the answer is kept": async (session) => {
    const Name = session.name();
    let status = 204;
    const target = await session.target(() => ({ status, ...(status === 204 ? {} : { body: `said ${status}` }) }));
    await session.register({
      Name,
      Check: { HTTP: `http://127.0.0.1:${target.port}/health/ready`, Interval: "1s", Timeout: "10s" },
    });
    const see = (wanted: string) =>
      eventually(wanted, async () => (await session.statusOf(Name, `service:${Name}`)) === wanted);
    await see("passing");
    expect(target.asked[0]).toEqual({ host: `127.0.0.1:${target.port}`, path: "/health/ready" });
    status = 429;
    await see("warning");
    status = 503;
    await see("critical");
    const [entry] = await session.health(Name);
    expect(entry?.Checks.find(({ CheckID }) => CheckID !== "serfHealth")?.Output).toMatch(/503 .*said 503/s);
    target.close();
  },
  "finds out that nobody listens any more": async (session) => {
    const Name = session.name();
    const target = await session.target(() => ({ status: 200 }));
    await session.register({
      Name,
      Check: { HTTP: `http://127.0.0.1:${target.port}/`, Interval: "1s", Status: "passing" },
    });
    target.close();
    await eventually("critical", async () => (await session.health(Name, "?passing")).length === 0);
  },
  "connects over TCP": async (session) => {
    const Name = session.name();
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await session.register({ Name, Check: { TCP: `127.0.0.1:${port}`, Interval: "1s", Timeout: "1s" } });
    await eventually("passing", async () => (await session.statusOf(Name, `service:${Name}`)) === "passing");
    server.close();
    await eventually("critical", async () => (await session.statusOf(Name, `service:${Name}`)) === "critical");
  },
  "lets a TTL check's owner report, and expires it": async (session) => {
    const Name = session.name();
    const id = `service:${Name}`;
    await session.register({ Name, Check: { TTL: "8s" } });
    await session.put(`/v1/agent/check/pass/${id}?note=fine`);
    expect((await session.get("/v1/agent/checks")).json).toMatchObject({ [id]: { Status: "passing", Output: "fine" } });
    await session.put(`/v1/agent/check/warn/${id}`);
    expect(await session.statusOf(Name, id)).toBe("warning");
    await session.put(`/v1/agent/check/update/${id}`, { Status: "passing", Output: "again" });
    expect(await session.statusOf(Name, id)).toBe("passing");
    await eventually("expired", async () => (await session.statusOf(Name, id)) === "critical");
    expect((await session.get("/v1/agent/checks")).json).toMatchObject({
      [id]: { Output: expect.stringContaining("TTL expired") },
    });
  },
  "takes intervals, timeouts and a TTL of a month, and a timeout with a fraction": async (session) => {
    const Name = session.name();
    const { port, asked } = await session.target(() => ({ status: 200 }));
    const probed = { HTTP: `http://127.0.0.1:${port}/`, Interval: "1s" };
    const Checks = [
      { CheckID: `${Name}-ttl`, TTL: "720h", Status: "passing" },
      { CheckID: `${Name}-rare`, ...probed, Interval: "720h", Status: "passing" },
      { CheckID: `${Name}-fraction`, ...probed, Timeout: "10.001s" },
      { CheckID: `${Name}-patient`, ...probed, Timeout: "2000h" },
    ];
    const begun = performance.now();
    await session.register({ Name, Checks });
    await eventually("looked after", async () => (await session.health(Name, "?passing")).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await session.health(Name, "?passing")).length).toBe(1);
    // Two of them ask once a second.
    expect(asked.length).toBeLessThan(10 + (2 * (performance.now() - begun)) / 1000);
  },
  "says that an unknown check is unknown, so that its owner registers again": async (session) => {
    const { status, text } = await session.put(`/v1/agent/check/pass/service:${session.name()}`);
    expect([404, 500]).toContain(status);
    expect(text.length).toBeGreaterThan(0);
  },
  "registers a check of its own for a service, and removes it": async (session) => {
    const Name = session.name();
    await session.register({ Name });
    const check = `own-${Name}`;
    expect(
      (await session.put("/v1/agent/check/register", { Name: "own", ID: check, ServiceID: Name, TTL: "60s" })).status,
    ).toBe(200);
    expect(await session.statusOf(Name, check)).toBe("critical");
    await session.put(`/v1/agent/check/deregister/${check}`);
    expect(await session.statusOf(Name, check)).toBeUndefined();
  },
  "lists checks by service and by state": async (session) => {
    const Name = session.name();
    await session.register({ Name, Check: { TTL: "60s" } });
    expect((await session.get(`/v1/health/checks/${Name}`)).json).toMatchObject([
      { CheckID: `service:${Name}`, ServiceName: Name, Status: "critical" },
    ]);
    const critical = (await session.get("/v1/health/state/critical")).json as { CheckID: string }[];
    expect(critical.map(({ CheckID }) => CheckID)).toContain(`service:${Name}`);
    expect((await session.get("/v1/health/state/odd")).status).toBeGreaterThanOrEqual(400);
  },
};
