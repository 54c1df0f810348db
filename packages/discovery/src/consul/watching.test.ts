import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type Logger, silentLogger } from "@weft/core";
import { entry, fakeConsul, json, type SeenRequest, until } from "../testing/fake-consul.ts";
import { cleanUp, cleanups, consul, listener, registryAt } from "../testing/registry.ts";
import { consulRegistry } from "./consul-registry.ts";

afterEach(cleanUp);

const isHealth = ({ path }: SeenRequest) => path.startsWith("/v1/health/service/");
const ids = (watch: { current(): { instances: readonly { instanceId: string }[] } }) =>
  watch.current().instances.map(({ instanceId }) => instanceId);

describe("watching a service", () => {
  it("holds one blocking query however many look, and has a change while it still would wait", async () => {
    const fake = await consul();
    fake.health.set("thing-service", [entry("a", 1000)]);
    const registry = registryAt(fake.url);
    const watch = registry.watch("thing-service");
    expect(registry.watch("thing-service")).toBe(watch);
    await watch.ready(20_000);
    expect(watch.current()).toMatchObject({ ageMs: 0, instances: [{ instanceId: "a", port: 1000, version: "1.0.0" }] });
    await until(() => fake.waiting() === 1, "one query waits");
    expect(fake.requests.every(({ query }) => query.get("passing") === "true")).toBe(true);
    expect(fake.requests.at(-1)!.query.get("wait")).toBe("55000ms");
    const changes: string[][] = [];
    watch.onChange(({ instances }) => changes.push(instances.map(({ instanceId }) => instanceId)));
    fake.health.set("thing-service", [entry("b", 1001), entry("a", 1000)]);
    fake.changed();
    await until(() => changes.length === 1, "the change, long before the query would end", 10_000);
    expect(changes).toEqual([["a", "b"]]);
    expect(fake.requests.length).toBeLessThanOrEqual(3);
  });

  it.each([
    ["goes backwards and is garbage", [100, 40, 0, "x", 100]],
    ["is always 0", [0]],
    ["is missing", [undefined]],
  ] as [string, (number | string | undefined)[]][])("stays calm when the index %s", async (_what, indexes) => {
    const fake = await consul();
    let count = 0;
    fake.lie = (request, response) => {
      if (!isHealth(request)) return false;
      json(response, [entry("a", 1000)], indexes[count++ % indexes.length]);
      return true;
    };
    const watch = registryAt(fake.url).watch("thing-service");
    const begun = performance.now();
    await watch.ready(20_000);
    expect(ids(watch)).toEqual(["a"]);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    // A few at once, then one a second, however long the pause became.
    expect(count).toBeLessThanOrEqual(4 + Math.ceil((performance.now() - begun) / 1000));
  });

  it("keeps pace with an index that never rests: a few at once, then one a second", async () => {
    const fake = await consul();
    let index = 1;
    fake.lie = (request, response) => {
      if (!isHealth(request)) return false;
      index += 1;
      json(response, [entry(`i-${index}`, 1000)], index);
      return true;
    };
    const watch = registryAt(fake.url).watch("thing-service");
    const begun = performance.now();
    await watch.ready(20_000);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(fake.requests.length).toBeLessThanOrEqual(6 + Math.ceil((performance.now() - begun) / 1000));
    await until(() => ids(watch)[0] === `i-${index}`, "the newest list");
  });

  it("gives up a query that Consul never answers, by its own clock", async () => {
    const fake = await consul();
    fake.health.set("thing-service", [entry("a", 1000)]);
    const watch = registryAt(fake.url, { waitMs: 100, requestTimeoutMs: 100 }).watch("thing-service");
    await watch.ready(20_000);
    let stalled = 0;
    fake.lie = (request) => isHealth(request) && ++stalled > 0;
    await until(() => stalled >= 2, "a second query after the stalled one");
    expect(ids(watch)).toEqual(["a"]);
    fake.lie = undefined;
    fake.health.set("thing-service", [entry("b", 1000)]);
    await until(() => ids(watch)[0] === "b", "the new list");
  });

  const lies: [string, (response: ServerResponse) => void][] = [
    ["500", (response) => response.writeHead(500).end("broken")],
    ["429", (response) => response.writeHead(429).end()],
    ["403", (response) => response.writeHead(403).end("Permission denied")],
    ["a page", (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>")],
    [
      "broken JSON",
      (response) => response.writeHead(200, { "content-type": "application/json", "x-consul-index": "200" }).end("[{"),
    ],
    ["an object", (response) => json(response, { error: "x" }, 200)],
    ["null", (response) => json(response, null, 200)],
    ["a list of nothing", (response) => json(response, [null, 1], 200)],
    ["nothing", (response) => response.writeHead(200).end()],
    [
      "half an answer",
      (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write("[");
        setTimeout(() => response.destroy(), 5);
      },
    ],
    ["a closed connection", (response) => response.destroy()],
  ];
  it.each(lies)("keeps the last list and shows its age when Consul answers with %s", async (_what, lie) => {
    const fake = await consul();
    fake.health.set("thing-service", [entry("a", 1000)]);
    const registry = registryAt(fake.url);
    const watch = registry.watch("thing-service");
    await watch.ready(20_000);
    await until(() => fake.waiting() === 1, "the query");
    let lied = 0;
    fake.lie = (request, response) => {
      if (!isHealth(request)) return false;
      lied += 1;
      lie(response);
      return true;
    };
    fake.changed();
    fake.health.set("thing-service", [entry("b", 1000)]);
    await until(() => lied >= 3, "it tries again");
    expect(ids(watch)).toEqual(["a"]);
    expect(watch.current().ageMs).toBeGreaterThan(0);
    expect(registry.health!()).toMatchObject({ status: "degraded" });
    fake.lie = undefined;
    await until(() => ids(watch)[0] === "b", "the new list");
    expect(watch.current().ageMs).toBe(0);
    expect(registry.health!()).toMatchObject({ status: "healthy" });
  });

  it("keeps the last list while Consul is gone, and goes on with its successor", async () => {
    const fake = await consul();
    fake.health.set("thing-service", [entry("a", 1000)]);
    const watch = registryAt(fake.url).watch("thing-service");
    await watch.ready(20_000);
    await fake.close();
    await until(() => watch.current().ageMs > 100, "the age grows");
    expect(ids(watch)).toEqual(["a"]);
    const successor = await fakeConsul(Number(new URL(fake.url).port));
    cleanups.push(() => successor.close());
    successor.health.set("thing-service", [entry("b", 1000)]);
    await until(() => ids(watch)[0] === "b", "the successor's list");
  });

  it("doubts an empty list while an instance still accepts connections", async () => {
    const fake = await consul();
    const { port, server } = await listener();
    fake.health.set("thing-service", [entry("a", port)]);
    const watch = registryAt(fake.url).watch("thing-service");
    await watch.ready(20_000);
    fake.health.set("thing-service", []);
    fake.changed();
    await until(() => watch.current().ageMs > 200, "it doubts");
    expect(watch.current().isDoubted).toBe(true);
    expect(ids(watch)).toEqual(["a"]);
    await new Promise((resolve) => server.close(resolve));
    await until(() => ids(watch).length === 0, "it is really gone");
  });

  it("does not doubt for ever", async () => {
    const fake = await consul();
    const { port } = await listener();
    fake.health.set("thing-service", [entry("a", port)]);
    const watch = registryAt(fake.url, { emptyGraceMs: 200 }).watch("thing-service");
    await watch.ready(20_000);
    fake.health.set("thing-service", []);
    fake.changed();
    await until(() => ids(watch).length === 0, "the doubt ends");
  });

  it("keeps the last list while Consul is gone, though an empty one was the last it gave", async () => {
    const fake = await consul();
    const { port, server } = await listener();
    fake.health.set("thing-service", [entry("a", port)]);
    const watch = registryAt(fake.url, { emptyGraceMs: 2000 }).watch("thing-service");
    await watch.ready(20_000);
    fake.health.set("thing-service", []);
    fake.changed();
    await until(() => watch.current().ageMs > 0, "it doubts");
    await fake.close();
    await until(() => watch.current().ageMs > 3500, "the age grows past the grace");
    expect(ids(watch)).toEqual(["a"]);
    await new Promise((resolve) => server.close(resolve));
    const closedAtAge = watch.current().ageMs;
    await until(() => watch.current().ageMs > closedAtAge + 300, "the age grows, and nobody answers");
    expect(ids(watch)).toEqual(["a"]);
    const successor = await fakeConsul(Number(new URL(fake.url).port));
    cleanups.push(() => successor.close());
    await until(() => ids(watch).length === 0, "Consul, back, says that it is gone");
  });

  it("gives a Consul that is back the whole time of doubt again", async () => {
    const fake = await consul();
    const { port } = await listener();
    fake.health.set("thing-service", [entry("a", port)]);
    const watch = registryAt(fake.url, { emptyGraceMs: 1000 }).watch("thing-service");
    await watch.ready(20_000);
    fake.health.set("thing-service", []);
    fake.changed();
    await until(() => watch.current().ageMs > 0, "it doubts");
    await fake.close();
    await until(() => watch.current().ageMs > 1500, "the age grows past the grace");
    const successor = await fakeConsul(Number(new URL(fake.url).port));
    cleanups.push(() => successor.close());
    const back = performance.now();
    await until(() => ids(watch).length === 0, "the doubt ends");
    expect(performance.now() - back).toBeGreaterThan(500);
  });

  it("has the successor of a single instance at once, and lets go of the last one soon", async () => {
    const fake = await consul();
    fake.health.set("thing-service", [entry("a", 1)]);
    const watch = registryAt(fake.url, { emptyProbeMs: 60_000 }).watch("thing-service");
    await watch.ready(20_000);
    fake.health.set("thing-service", []);
    fake.changed();
    await until(() => watch.current().ageMs > 0, "it doubts");
    fake.health.set("thing-service", [entry("b", 1)]);
    fake.changed();
    await until(() => ids(watch)[0] === "b", "the successor, long before the next probe", 10_000);
    const fast = registryAt(fake.url).watch("thing-service");
    await fast.ready(20_000);
    fake.health.set("thing-service", []);
    fake.changed();
    await until(() => ids(fast).length === 0, "nobody listens on port 1");
  });

  it("uses no instance whose address is not one of a service", async () => {
    const fake = await consul();
    fake.health.set("thing-service", [
      entry("a", 1000),
      entry("evil", 80, { address: "169.254.169.254" }),
      entry("evil-2", 0),
    ]);
    const watch = registryAt(fake.url).watch("thing-service");
    await watch.ready(20_000);
    expect(ids(watch)).toEqual(["a"]);
  });

  it("uses no instance outside the networks that are allowed, and says so once an instance", async () => {
    const fake = await consul();
    const known = [
      entry("a", 1000),
      entry("lan", 80, { address: "10.0.0.9" }),
      entry("mapped", 80, { address: "::ffff:10.0.0.9" }),
      entry("wördy", 80),
    ];
    fake.health.set("thing-service", known);
    const told: { instanceId: string }[] = [];
    const log = { ...silentLogger, warn: (line: { instanceId: string }) => told.push(line) } as unknown as Logger;
    const registry = consulRegistry({ log }, { url: fake.url, networks: ["loopback"] });
    cleanups.push(() => registry.stop());
    const watch = registry.watch("thing-service");
    await watch.ready(20_000);
    expect(ids(watch)).toEqual(["a"]);
    fake.health.set("thing-service", [...known, entry("b", 1001)]);
    fake.changed();
    await until(() => ids(watch).length === 2, "the new instance", 10_000);
    expect(told.map(({ instanceId }) => instanceId)).toEqual(["lan", "mapped", "wördy"]);
    const catalog = await registry.catalog();
    expect(catalog.flatMap(({ instances }) => instances.map(({ instanceId }) => instanceId))).toEqual(["a", "b"]);
    const wide = registryAt(fake.url).watch("thing-service");
    await wide.ready(20_000);
    expect(ids(wide)).toEqual(["a", "b", "lan", "mapped"]);
  });

  it("does not wait longer than it was told for a first answer", async () => {
    const fake = await consul();
    fake.lie = () => true;
    const watch = registryAt(fake.url).watch("thing-service");
    const started = performance.now();
    await watch.ready(50);
    // A query takes a minute.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(watch.current().instances).toEqual([]);
  });

  it("tells the names of all services, and forgets one that is gone only after a while", async () => {
    const fake = await consul();
    fake.health.set("a-service", []);
    fake.health.set("b-service", []);
    const told: (readonly string[])[] = [];
    const stop = registryAt(fake.url, { emptyGraceMs: 300 }).watchServices((names) => told.push(names));
    await until(() => told.length >= 1, "the first names");
    fake.health.delete("a-service");
    fake.health.set("c-service", []);
    fake.changed();
    await until(() => told.length >= 2, "the third name");
    await until(() => told.length >= 3, "the first is forgotten");
    expect(told).toEqual([
      ["a-service", "b-service"],
      ["a-service", "b-service", "c-service"],
      ["b-service", "c-service"],
    ]);
    stop();
  });

  it("forgets no name while Consul is gone, though it was not in the last answer", async () => {
    const fake = await consul();
    fake.health.set("a-service", []);
    const told: (readonly string[])[] = [];
    const registry = registryAt(fake.url, { emptyGraceMs: 2000 });
    const seen = registry.watch("a-service");
    registry.watchServices((names) => told.push(names));
    await until(() => told.length >= 1, "the first name");
    fake.health.delete("a-service");
    fake.health.set("b-service", []);
    fake.changed();
    await until(() => told.length >= 2, "the second name");
    await fake.close();
    await until(() => seen.current().ageMs > 4000, "Consul is away for longer than a name is kept");
    expect(told.slice(2)).toEqual([]);
    const successor = await fakeConsul(Number(new URL(fake.url).port));
    cleanups.push(() => successor.close());
    successor.health.set("b-service", []);
    await until(() => told.length >= 3, "Consul, back, says that it is gone");
    expect(told.at(-1)).toEqual(["b-service"]);
  });
});
