import { describe, expect, it } from "@jest/globals";
import { type Component, defineError, silentLogger } from "@weft/core";
import type { Registration, Registry } from "@weft/discovery";
import { createLifecycle, type GatedServer, type LifecycleOptions, StartFailed } from "./lifecycle.ts";

const Away = defineError({ code: "AWAY", kind: "unavailable", retryable: true, message: () => "away" });
const Broken = defineError({ code: "BROKEN", kind: "invalid", message: () => "migration 3 is broken" });

type FakeServer = GatedServer & { ready: true | string };

function fakeServer(name: string, port: number, told: string): FakeServer {
  const server: FakeServer = {
    name,
    ready: "not listening",
    async start() {
      happened.push(`${name} listens`);
    },
    async stop() {
      happened.push(`${name} stopped`);
    },
    address: () => ({ host: "127.0.0.1", port }),
    setReady(ready) {
      if (ready === true) happened.push(`${told}ready`);
      server.ready = ready;
    },
    beginDraining() {
      happened.push(`${told}not ready`);
    },
  };
  return server;
}

/** Everything that happens, in order. */
function stage(
  parts: (Component | Component[])[],
  options: Partial<LifecycleOptions> = {},
  registry = fakeRegistry(),
  grpcServer?: FakeServer,
) {
  const server = fakeServer("http", 8001, "");
  const lifecycle = createLifecycle(
    { log: silentLogger, registry, server: () => server, ...(grpcServer ? { grpcServer: () => grpcServer } : {}) },
    {
      identity: { name: "shop", version: "1", instanceId: "shop-1" },
      components: parts,
      registration: () => ({ service: "shop" }) as Registration,
      drainWaitMs: 0,
      ...options,
    },
  );
  return { lifecycle, server };
}

let happened: string[] = [];
const part = (name: string, start: () => Promise<void> = async () => {}): Component => ({
  name,
  async start() {
    await start();
    happened.push(`${name} started`);
  },
  async stop() {
    happened.push(`${name} stopped`);
  },
});

function fakeRegistry(register: Registry["register"] = async () => registered()): Registry {
  const nothing = () => {
    throw new Error("not asked for here");
  };
  return {
    name: "registry",
    async start() {},
    async stop() {
      happened.push("registry stopped");
    },
    register,
    watch: nothing,
    watchServices: nothing,
    catalog: nothing,
  };
}

function registered() {
  happened.push("registered");
  return async () => {
    happened.push("deregistered");
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("the life of a process", () => {
  it("starts in order with HTTP first and the registry last, and stops in reverse with the registry first", async () => {
    happened = [];
    const { lifecycle } = stage([part("database"), part("relay")]);
    await lifecycle.start();
    expect(happened).toEqual(["http listens", "database started", "relay started", "ready", "registered"]);
    happened = [];
    expect(await lifecycle.stop()).toEqual({ isClean: true });
    expect(happened).toEqual([
      "not ready",
      "deregistered",
      "http stopped",
      "relay stopped",
      "database stopped",
      "registry stopped",
    ]);
  });

  it("opens and closes gRPC with HTTP, and says where both are", async () => {
    happened = [];
    const grpc = fakeServer("grpc", 9001, "grpc ");
    const told: unknown[] = [];
    const onState: LifecycleOptions["onState"] = (state, addresses) => told.push([state, addresses.grpc?.port]);
    let readyBefore: unknown;
    const database = part("database", async () => {
      readyBefore = grpc.ready;
    });
    const { lifecycle } = stage([database], { onState }, fakeRegistry(), grpc);
    await lifecycle.start();
    expect(readyBefore).toBe("waiting for database");
    expect(happened).toEqual(["http listens", "grpc listens", "database started", "ready", "grpc ready", "registered"]);
    happened = [];
    await lifecycle.stop();
    const stopped = ["http stopped", "grpc stopped", "database stopped", "registry stopped"];
    expect(happened).toEqual(["not ready", "grpc not ready", "deregistered", ...stopped]);
    expect(told).toEqual([
      ["starting", 9001],
      ["ready", 9001],
      ["draining", 9001],
    ]);
  });

  it("waits for a dependency that is away, says so, and goes on when it comes", async () => {
    happened = [];
    let isAway = true;
    const { lifecycle, server } = stage([
      part("database", async () => {
        if (isAway) throw new Away();
      }),
      part("relay"),
    ]);
    const starting = lifecycle.start();
    await until(() => String(server.ready).includes("AWAY"));
    expect(server.ready).toBe("waiting for database: AWAY");
    expect(happened).toEqual(["http listens"]);
    isAway = false;
    await starting;
    expect(server.ready).toBe(true);
  });

  it("starts the members of a group together", async () => {
    happened = [];
    let release = () => {};
    const slow = part("slow", () => new Promise((resolve) => (release = resolve)));
    const { lifecycle } = stage([[slow, part("quick")], part("after")]);
    const starting = lifecycle.start();
    await until(() => happened.includes("quick started"));
    expect(happened).not.toContain("after started");
    release();
    await starting;
    expect(happened.indexOf("slow started")).toBeLessThan(happened.indexOf("after started"));
  });

  it("fails at once with what will not pass, although another part of the group still waits", async () => {
    happened = [];
    const away = part("broker", async () => {
      throw new Away();
    });
    const broken = part("database", async () => {
      throw new Broken();
    });
    const { lifecycle } = stage([[away, broken], part("relay")]);
    const error = await lifecycle.start().catch((reason) => reason);
    expect(StartFailed.is(error)).toBe(true);
    expect(error.message).toBe("database does not start: migration 3 is broken");
    expect(await lifecycle.stop()).toEqual({ isClean: true });
    expect(happened).toEqual([
      "http listens",
      "not ready",
      "http stopped",
      "broker stopped",
      "database stopped",
      "registry stopped",
    ]);
  });

  it("is ready and tells so although Consul never answers, and ends without having registered", async () => {
    happened = [];
    const states: string[] = [];
    const neverRegisters = fakeRegistry(() => new Promise(() => {}));
    const { lifecycle, server } = stage([part("database")], { onState: (state) => states.push(state) }, neverRegisters);
    const starting = lifecycle.start();
    await until(() => server.ready === true);
    await starting;
    expect(states).toEqual(["starting", "ready"]);
    expect(await lifecycle.stop()).toEqual({ isClean: true });
    expect(happened).not.toContain("deregistered");
  });

  it("can be stopped while it still waits for a dependency", async () => {
    happened = [];
    const { lifecycle, server } = stage([
      part("database", async () => {
        throw new Away();
      }),
      part("relay"),
    ]);
    const starting = lifecycle.start().catch((error) => error);
    await until(() => String(server.ready).includes("AWAY"));
    expect(await lifecycle.stop()).toEqual({ isClean: true });
    expect(await starting).toBeInstanceOf(Error);
    expect(happened).not.toContain("relay started");
  });

  it("goes on without a component that does not stop in time, or fails while stopping, and says that it was not clean", async () => {
    happened = [];
    const hanging = { ...part("hanging"), stop: () => new Promise<void>(() => {}) };
    const failing = { ...part("failing"), stop: () => Promise.reject(new Error("no")) };
    const { lifecycle } = stage([part("database"), hanging, failing], { stopWithinMs: 30 });
    await lifecycle.start();
    expect(await lifecycle.stop()).toEqual({ isClean: false });
    expect(happened).toContain("database stopped");
  });

  it("ends within the bound of the whole whatever happens", async () => {
    happened = [];
    const { lifecycle } = stage([{ ...part("hanging"), stop: () => new Promise<void>(() => {}) }], {
      shutdownWithinMs: 50,
      stopWithinMs: 60_000,
    });
    await lifecycle.start();
    const began = performance.now();
    expect(await lifecycle.stop()).toEqual({ isClean: false });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it("stops once, however often it is told to", async () => {
    happened = [];
    const { lifecycle } = stage([part("database")]);
    await lifecycle.start();
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(happened.filter((what) => what === "database stopped")).toHaveLength(1);
  });
});
