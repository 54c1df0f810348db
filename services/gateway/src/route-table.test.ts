import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Logger, silentLogger } from "@weft/core";
import type { CatalogEntry, InstanceList, Registry, ServiceInstance, ServiceWatch } from "@weft/discovery";
import { type RouteTable, readRoute, routeTable } from "./route-table.ts";

const instance = (service: string, route: string, createIndex: number): ServiceInstance => ({
  service,
  instanceId: `${service}-${createIndex}`,
  host: "127.0.0.1",
  port: 1,
  version: "1",
  tags: [],
  metadata: { route },
  createIndex,
});

/** A registry whose content the test sets. */
function fakeRegistry() {
  const lists = new Map<string, ServiceInstance[]>();
  const listeners = new Map<string, Set<(list: InstanceList) => void>>();
  const doubted = new Set<string>();
  let tellNames: ((names: readonly string[]) => void) | undefined;
  let names: string[] = [];
  let critical: CatalogEntry[] = [];
  const registry: Registry = {
    name: "registry",
    async start() {},
    async stop() {},
    register: () => Promise.reject(new Error("not here")),
    watch(service): ServiceWatch {
      return {
        service,
        current: () => ({
          instances: lists.get(service) ?? [],
          ageMs: 0,
          ...(doubted.has(service) ? { isDoubted: true } : {}),
        }),
        async ready() {},
        onChange(listener) {
          const all = listeners.get(service) ?? new Set();
          listeners.set(service, all.add(listener));
          return () => all.delete(listener);
        },
      };
    },
    watchServices(listener) {
      tellNames = listener;
      if (names.length > 0) listener(names);
      return () => {
        tellNames = undefined;
      };
    },
    catalog: async () => critical,
  };
  return {
    registry,
    listenerCount: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0) + (tellNames ? 1 : 0),
    names(...all: string[]) {
      names = all;
      tellNames?.(all);
    },
    instances(service: string, ...all: ServiceInstance[]) {
      lists.set(service, all);
      for (const listener of listeners.get(service) ?? []) listener({ instances: all, ageMs: 0 });
    },
    doubts(service: string) {
      doubted.add(service);
      for (const listener of listeners.get(service) ?? []) listener({ instances: lists.get(service) ?? [], ageMs: 0 });
    },
    critical(...entries: CatalogEntry[]) {
      critical = entries;
    },
  };
}

let fake: ReturnType<typeof fakeRegistry>;
let table: RouteTable;
let warnings: unknown[];
const log: Logger = { ...silentLogger, warn: (fields: unknown) => void warnings.push(fields) };
beforeEach(() => {
  fake = fakeRegistry();
  warnings = [];
  table = routeTable({ registry: fake.registry, log }, { self: "gateway", firstAnswerMs: 50, forgetAfterMs: 0 });
});
afterEach(() => table.stop());

describe("which service serves a path", () => {
  it("is the one with the longest prefix, at a slash", async () => {
    fake.instances("catalog-service", instance("catalog-service", "/v1/catalog, /v1/categories/", 1));
    fake.instances("pictures", instance("pictures", "/v1/catalog/pictures", 2));
    fake.names("consul", "catalog-service", "pictures");
    await table.start();
    expect(table.match("/v1/catalog")?.service).toBe("catalog-service");
    expect(table.match("/v1/catalog/products/1")?.service).toBe("catalog-service");
    expect(table.match("/v1/categories/1")?.service).toBe("catalog-service");
    expect(table.match("/v1/catalog/pictures")?.service).toBe("pictures");
    expect(table.match("/v1/catalog/pictures/1")?.service).toBe("pictures");
    expect(table.match("/v1/catalog/picturesque")?.service).toBe("catalog-service");
    expect(table.match("/v1/catalogue")?.service).toBeUndefined();
    expect(table.match("/v1")?.service).toBeUndefined();
    expect(table.services()).toEqual(["catalog-service", "pictures"]);
  });

  it("changes when a service comes, without a restart", async () => {
    fake.names("consul");
    await table.start();
    expect(table.match("/v1/reviews")?.service).toBeUndefined();
    fake.names("consul", "review-service");
    fake.instances("review-service", instance("review-service", "/v1/reviews", 5));
    expect(table.match("/v1/reviews/rev_1")?.service).toBe("review-service");
  });

  it("is the older registration of two with the same prefix, also after its instances were all replaced; told once", async () => {
    fake.instances("old", instance("old", "/v1/things", 10));
    fake.instances("new", instance("new", "/v1/things", 20));
    fake.names("new", "old");
    await table.start();
    expect(table.match("/v1/things")?.service).toBe("old");
    fake.instances("old", instance("old", "/v1/things", 30));
    expect(table.match("/v1/things")?.service).toBe("old");
    fake.instances("new", instance("new", "/v1/things", 40));
    expect(warnings).toEqual([{ prefix: "/v1/things", routedTo: "old", ignored: "new" }]);
  });

  it("stays known while it has no healthy instance and no other service claims its prefix", async () => {
    fake.instances("old", instance("old", "/v1/things", 10));
    fake.names("old");
    await table.start();
    fake.instances("old");
    expect(table.match("/v1/things")?.service).toBe("old");
  });

  it("is at once the successor that has instances, while the registry still lists the service that left", async () => {
    fake.instances("old", instance("old", "/v1/things", 10));
    fake.instances("new", instance("new", "/v1/things", 20));
    fake.names("old", "new");
    await table.start();
    fake.instances("old");
    expect(table.match("/v1/things")?.service).toBe("new");
    fake.instances("new");
    expect(table.match("/v1/things")?.service).toBe("old");
    fake.instances("old", instance("old", "/v1/things", 30));
    expect(table.match("/v1/things")?.service).toBe("old");
    fake.instances("new", instance("new", "/v1/things", 40));
    expect(table.match("/v1/things")?.service).toBe("old");
  });

  it("is at once a successor, while the instances of the service that left still accept connections", async () => {
    fake.instances("old", instance("old", "/v1/things", 10));
    fake.instances("new", instance("new", "/v1/things", 20));
    fake.names("old", "new");
    await table.start();
    fake.doubts("old");
    expect(table.match("/v1/things")?.service).toBe("new");
    fake.doubts("new");
    expect(table.match("/v1/things")?.service).toBe("old");
  });

  it("is a service with instances rather than an older one of which the catalog alone knows", async () => {
    fake.critical({
      service: "sick",
      instances: [{ ...instance("sick", "/v1/things", 3), health: "critical" }],
    });
    fake.instances("new", instance("new", "/v1/things", 20));
    fake.names("sick", "new");
    await table.start();
    expect(table.match("/v1/things")?.service).toBe("new");
    fake.instances("new");
    expect(table.match("/v1/things")?.service).toBe("sick");
  });

  it.each(["a b", "-x", "", "x".repeat(129), "caf\u00e9", "a/b"])(
    "is never a registration whose name is none of a service, which is told once: %j",
    async (name) => {
      fake.instances(name, instance(name, "/v1/things", 1));
      fake.instances("good", instance("good", "/v1/things", 2));
      fake.names(name, "good");
      await table.start();
      fake.names(name, "good");
      expect(table.match("/v1/things")?.service).toBe("good");
      expect(table.services()).toEqual(["good"]);
      expect(warnings).toEqual([{ service: name.slice(0, 200) }]);
    },
  );

  it("is nobody for a claim that is no path, which is told once", async () => {
    fake.instances(
      "a",
      instance("a", "/v1/../b, v1/c, /v1/%2e, /v1/a", 1),
      instance("a", "/v1/../b, v1/c, /v1/%2e, /v1/a", 2),
    );
    fake.names("a");
    await table.start();
    fake.instances("a", instance("a", "/v1/../b, v1/c, /v1/%2e, /v1/a", 3));
    expect(table.match("/v1/a")?.service).toBe("a");
    expect(table.match("/v1/../b")?.service).toBeUndefined();
    expect(warnings).toEqual([{ service: "a", ignored: ["/v1/../b", "v1/c", "/v1/%2e"] }]);
  });

  it("is told once where a longer prefix lies below one of another service, and not below its own", async () => {
    fake.instances("catalog-service", instance("catalog-service", "/v1/catalog, /v1/catalog/products", 1));
    fake.instances("pictures", instance("pictures", "/v1/catalog/pictures, /v1/catalogue", 2));
    fake.names("catalog-service", "pictures");
    await table.start();
    fake.instances("pictures", instance("pictures", "/v1/catalog/pictures, /v1/catalogue", 3));
    expect(warnings).toEqual([
      { prefix: "/v1/catalog/pictures", routedTo: "pictures", below: "/v1/catalog", of: "catalog-service" },
    ]);
  });

  it("goes to the next when the older one leaves for good", async () => {
    fake.instances("old", instance("old", "/v1/things", 10));
    fake.instances("new", instance("new", "/v1/things", 20));
    fake.names("old", "new");
    await table.start();
    fake.instances("old");
    fake.instances("new");
    fake.names("new");
    await new Promise((resolve) => setTimeout(resolve, 5));
    fake.names("new");
    expect(table.match("/v1/things")?.service).toBe("new");
    expect(table.services()).toEqual(["new"]);
  });

  it("goes to the next while the older is not registered, and back to it; told once", async () => {
    table = routeTable({ registry: fake.registry, log }, { self: "gateway", firstAnswerMs: 50 });
    fake.instances("old", instance("old", "/v1/things", 10));
    fake.instances("new", instance("new", "/v1/things", 20));
    fake.names("old", "new");
    await table.start();
    fake.instances("old");
    fake.names("new");
    expect(table.match("/v1/things")?.service).toBe("new");
    fake.instances("new");
    fake.names();
    expect(table.match("/v1/things")?.service).toBe("old");
    fake.names("old", "new");
    fake.instances("old", instance("old", "/v1/things", 30));
    expect(table.match("/v1/things")?.service).toBe("old");
    expect(warnings).toEqual([{ prefix: "/v1/things", routedTo: "old", ignored: "new" }]);
  });

  it("is known from the catalog where no instance was ever healthy", async () => {
    fake.critical({
      service: "sick",
      instances: [{ ...instance("sick", "/v1/sick", 3), health: "critical" }],
    });
    fake.names("sick");
    await table.start();
    expect(table.match("/v1/sick/1")?.service).toBe("sick");
  });

  it("follows what a service says when it says something else", async () => {
    fake.instances("a", instance("a", "/v1/a", 1));
    fake.names("a");
    await table.start();
    fake.instances("a", instance("a", "/v2/a", 2));
    expect(table.match("/v1/a")?.service).toBeUndefined();
    expect(table.match("/v2/a")?.service).toBe("a");
  });

  it("comes with what all its instances say of their reads", async () => {
    const open = (index: number) => {
      const one = instance("a", "/v1/a", index);
      return { ...one, metadata: { ...one.metadata, public_read: "true" } };
    };
    fake.instances("a", open(1));
    fake.names("a");
    await table.start();
    expect(table.match("/v1/a")?.isPublicRead).toBe(true);
    fake.instances("a", open(1), instance("a", "/v1/a", 2));
    expect(table.match("/v1/a")?.isPublicRead).toBe(false);
  });

  it("is never this gateway itself", async () => {
    fake.instances("gateway", instance("gateway", "/v1/catalog", 1));
    fake.names("gateway");
    await table.start();
    expect(table.match("/v1/catalog")?.service).toBeUndefined();
  });

  it("cannot be said before the registry answered: a start that may be tried again", async () => {
    await expect(table.start()).rejects.toMatchObject({ code: "ROUTES_UNKNOWN", retryable: true });
    fake.names("consul");
    await table.start();
  });

  it("leaves nothing behind when it stops", async () => {
    fake.names("a", "b");
    await table.start();
    expect(fake.listenerCount()).toBe(3);
    await table.stop();
    expect(fake.listenerCount()).toBe(0);
  });
});

describe("the metadata `route`", () => {
  const long = `/v1/${"x".repeat(200)}`;

  it.each<[string | undefined, string[], string[]]>([
    ["/v1/catalog", ["/v1/catalog"], []],
    [" /v1/a/ ,/v1/b", ["/v1/a", "/v1/b"], []],
    ["/api/v1/a", ["/v1/a"], []],
    [undefined, [], []],
    [" , ", [], []],
    ["/", [], ["/"]],
    ["v1/a", [], ["v1/a"]],
    ["/v1/../a,/v1/..,/./v1,/v1/...", ["/v1/..."], ["/v1/../a", "/v1/..", "/./v1"]],
    ["/v1/a b,/v1/%2e,//x,/v1//y", [], ["/v1/a b", "/v1/%2e", "//x", "/v1//y"]],
    [`/v1/a,${long}`, ["/v1/a"], [long]],
  ])("%j is the prefixes %j and what could be none %j", (route, prefixes, impossible) =>
    expect(readRoute(route)).toEqual({ prefixes, impossible }),
  );
});
