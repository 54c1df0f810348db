import { connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { identity, serve, stopServed } from "../testing/serve.ts";
import { instanceAt, staticRegistry } from "../testing/static-registry.ts";
import { httpClient } from "./http-client.ts";
import type { Route } from "./route.ts";
import { httpServer } from "./server.ts";

afterEach(stopServed);

const thing: Route = { method: "GET", path: "/thing", summary: "", handle: async () => ({ data: {} }) };
// biome-ignore lint/suspicious/noExplicitAny: the tests look at every shape of answer
const bodyOf = async (response: Response): Promise<any> => response.json();

describe("the life of an HTTP server", () => {
  it("tells its health: starting, ready, degraded, wedged, draining", async () => {
    let status: "healthy" | "degraded" | "unhealthy" = "healthy";
    const { server, url } = await serve({
      routes: [thing],
      health: async () => ({ status, checks: { database: { status } } }),
    });
    const look = async () => {
      const [health, live, ready] = await Promise.all(
        ["", "/live", "/ready"].map((path) => fetch(`${url}/health${path}`)),
      );
      return [(await bodyOf(health!)).status, health!.status, live!.status, ready!.status];
    };
    expect(await look()).toEqual(["healthy", 200, 200, 200]);
    status = "degraded";
    expect(await look()).toEqual(["degraded", 200, 200, 200]);
    status = "unhealthy";
    expect(await look()).toEqual(["unhealthy", 503, 503, 503]);
    status = "healthy";
    server.setReady("migrations are running");
    expect(await look()).toEqual(["unhealthy", 503, 200, 503]);
    const refused = await fetch(`${url}/thing`);
    expect([refused.status, (await bodyOf(refused)).error.message]).toEqual([503, "migrations are running"]);
    server.setReady(true);
    server.beginDraining();
    expect(await look()).toEqual(["draining", 503, 200, 503]);
    const served = await fetch(`${url}/thing`);
    expect([served.status, served.headers.get("connection")]).toEqual([200, "close"]);
  });

  it("finishes what is in hand before it stops, and cuts what does not end", async () => {
    const open: (() => void)[] = [];
    const routes: Route[] = [
      {
        method: "GET",
        path: "/slow",
        summary: "",
        handle: () => new Promise((resolve) => open.push(() => resolve({ data: { done: true } }))),
      },
    ];
    const { server, url } = await serve({ routes });
    const waiting = fetch(`${url}/slow`);
    while (open.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const drained = server.drain();
    const isTaken = () =>
      fetch(`${url}/health`).then(
        () => true,
        () => false,
      );
    while (await isTaken()) await new Promise((resolve) => setTimeout(resolve, 5));
    open[0]!();
    const response = await waiting;
    expect([response.status, response.headers.get("connection")]).toEqual([200, "close"]);
    expect(await drained).toBe(0);

    const second = await serve({ routes });
    const hanging = expect(fetch(`${second.url}/slow`)).rejects.toThrow();
    while (open.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await second.server.drain(50)).toBe(1);
    await hanging;
  });

  it("names the address and the setting when the port is taken", async () => {
    const { server } = await serve({});
    const addr = `127.0.0.1:${server.address().port}`;
    const second = httpServer({ log: silentLogger, identity }, { addr, addrSetting: "WEFT_THING_HTTP_PORT" });
    await expect(second.start()).rejects.toMatchObject({
      code: "LISTEN_FAILED",
      message: expect.stringMatching(new RegExp(`${addr}.*taken.*WEFT_THING_HTTP_PORT`)),
    });
    await second.stop();
  });

  it("is refused with every wrong option and every wrong route, by the field", () => {
    const slow: Route = { ...thing, timeoutMs: 3e9 };
    const wrong = { addr: "nowhere", maxConcurrent: 0, timeoutMs: 3e9, routes: [slow, thing] };
    const tooLong = "must be a whole number from 1 to 2147483647";
    const where = `${thing.method} ${thing.path}`;
    expect(() => httpServer({ log: silentLogger, identity }, wrong)).toThrow(
      expect.objectContaining({
        code: "OPTIONS_INVALID",
        details: {
          field_errors: {
            addr: "nowhere is not host:port",
            maxConcurrent: "must be a whole number from 1",
            timeoutMs: tooLong,
            [`${where} timeoutMs`]: tooLong,
            [where]: "is there twice",
          },
        },
      }),
    );
  });

  it("keeps an idle connection for 65 s unless told, and says so", async () => {
    const keptBy = async (options: { keepAliveMs?: number }) => {
      const { url } = await serve({ routes: [thing], ...options });
      return (await fetch(`${url}/thing`)).headers.get("keep-alive");
    };
    expect(await keptBy({})).toBe("timeout=65");
    expect(await keptBy({ keepAliveMs: 620_000 })).toBe("timeout=620");
  });

  it("lets a client of ours close an idle connection first, also where it keeps one shorter than that client would", async () => {
    const { server } = await serve({ routes: [thing], keepAliveMs: 3000 });
    const firstToClose = Promise.withResolvers<string>();
    const between = createServer((incoming) => {
      const outgoing = connect(server.address().port, "127.0.0.1");
      incoming.on("end", () => firstToClose.resolve("client")).on("error", () => {});
      outgoing.on("end", () => firstToClose.resolve("server")).on("error", () => {});
      incoming.pipe(outgoing).pipe(incoming);
    });
    const port = await new Promise<number>((resolve) => {
      between.listen(0, "127.0.0.1", () => resolve((between.address() as { port: number }).port));
    });
    const client = httpClient(
      {
        registry: staticRegistry("thing-service", [instanceAt(port, identity.instanceId)]),
        log: silentLogger,
        identity,
      },
      { service: "thing-service" },
    );
    await client.request({ method: "GET", path: "/thing" });
    expect(await firstToClose.promise).toBe("client");
    await client.close();
    await new Promise((resolve) => between.close(resolve));
  });
});
