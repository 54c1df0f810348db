import { describe, expect, it } from "@jest/globals";
import type { RedisCommands, SharedMemory } from "@weft/service-kit/redis";
import { priceCacheInMemory } from "../adapters/caches/price-cache-in-memory.ts";
import { priceCacheInRedis } from "../adapters/caches/price-cache-in-redis.ts";
import { cachedPrices } from "./cached-prices.ts";
import type { Prices, Pricing } from "./ports.ts";

const request = { productId: "p1", timeoutMs: 800 };
const pricing = (finalPrice: number): Pricing => ({
  productId: "p1",
  warehouseId: null,
  basePrice: finalPrice,
  finalPrice,
  currency: "EUR",
  updatedAt: "2026-03-01T10:00:00Z",
});

/** What pricing says, and how often it was asked. */
function pricingService(answer: () => Promise<Pricing | undefined>) {
  const state = { asked: 0 };
  const prices: Prices = {
    service: "pricing-service",
    priceOf: async () => {
      state.asked += 1;
      return answer();
    },
  };
  return { state, prices };
}

/**
 * As much of Redis as the cache uses, on the test's own clock. One that is away does not answer; one that stands still does
 * not either, and does what it was told when it goes on.
 */
function fakeRedis(now: () => number) {
  const values = new Map<string, { value: string; until: number }>();
  const get = (key: string) => {
    const found = values.get(key);
    return found && found.until > now() ? found.value : null;
  };
  const commands: Record<string, (...args: never[]) => unknown> = {
    time: () => [String(Math.floor(now() / 1000)), String((now() % 1000) * 1000)],
    mget: (...keys: string[]) => keys.map(get),
    set: (key: string, value: string, _px?: "PX", ms = Infinity) => values.set(key, { value, until: now() + ms }),
    pexpireat: (key: string, until: number) => values.set(key, { value: get(key)!, until }),
  };
  function multi() {
    const queued: (() => unknown)[] = [];
    const chain: Record<string, unknown> = { exec: async () => queued.map((run) => [null, run()]) };
    for (const [name, run] of Object.entries(commands)) {
      chain[name] = (...args: never[]) => {
        queued.push(() => run(...args));
        return chain;
      };
    }
    return chain;
  }
  const redis = { ...commands, multi } as unknown as RedisCommands;
  const state = { isAway: false, standsStill: false };
  const buffered: (() => Promise<unknown>)[] = [];
  const memory: SharedMemory = {
    name: "redis",
    async start() {},
    async stop() {},
    async ask(question) {
      if (state.isAway) return undefined;
      if (!state.standsStill) return { answer: await question(redis) };
      buffered.push(() => question(redis));
      return undefined;
    },
  };
  async function goOn() {
    state.standsStill = false;
    for (const told of buffered.splice(0)) await told();
  }
  return { state, memory, goOn };
}

let time = 0;
const now = () => time;

describe.each([
  ["in the memory of the process", () => priceCacheInMemory({ now })],
  ["in Redis", () => priceCacheInRedis(fakeRedis(now).memory, { now })],
  [
    "in Redis, which is away",
    () => {
      const { state, memory } = fakeRedis(now);
      state.isAway = true;
      return priceCacheInRedis(memory, { now });
    },
  ],
])("prices with a cache %s", (_, newCache) => {
  it("ask pricing once in 5 s, and never show one that is older", async () => {
    let current = 10;
    const { state, prices } = pricingService(async () => pricing(current));
    const cached = cachedPrices({ prices, cache: newCache() });
    expect((await cached.priceOf(request))?.finalPrice).toBe(10);
    current = 20;
    time += 4999;
    expect((await cached.priceOf(request))?.finalPrice).toBe(10);
    time += 1;
    expect((await cached.priceOf(request))?.finalPrice).toBe(20);
    expect(state.asked).toBe(2);
  });

  it("count the age from the question, however long the answer took", async () => {
    const { prices } = pricingService(async () => {
      time += 4000;
      return pricing(10);
    });
    const cache = newCache();
    await cachedPrices({ prices, cache }).priceOf(request);
    const { state, prices: newer } = pricingService(async () => pricing(20));
    time += 1000;
    expect((await cachedPrices({ prices: newer, cache }).priceOf(request))?.finalPrice).toBe(20);
    expect(state.asked).toBe(1);
  });

  it("forget a changed price in every warehouse at once", async () => {
    let current = 10;
    const { prices } = pricingService(async () => pricing(current));
    const cache = newCache();
    const cached = cachedPrices({ prices, cache });
    await cached.priceOf(request);
    await cached.priceOf({ ...request, warehouseId: "w1" });
    current = 20;
    await cache.forget("p1");
    expect((await cached.priceOf(request))?.finalPrice).toBe(20);
    expect((await cached.priceOf({ ...request, warehouseId: "w1" }))?.finalPrice).toBe(20);
  });

  it("do not keep a price that was on its way while it changed", async () => {
    const cache = newCache();
    const { prices } = pricingService(async () => {
      await cache.forget("p1");
      return pricing(10);
    });
    await cachedPrices({ prices, cache }).priceOf(request);
    const { prices: newer } = pricingService(async () => pricing(20));
    expect((await cachedPrices({ prices: newer, cache }).priceOf(request))?.finalPrice).toBe(20);
  });

  it("do not keep that there is none", async () => {
    let current: Pricing | undefined;
    const { prices } = pricingService(async () => current);
    const cached = cachedPrices({ prices, cache: newCache() });
    expect(await cached.priceOf(request)).toBeUndefined();
    current = pricing(10);
    expect((await cached.priceOf(request))?.finalPrice).toBe(10);
  });
});

describe("the cache in Redis", () => {
  it("is the process's own from one question to the next when Redis goes", async () => {
    const { state: redis, memory } = fakeRedis(now);
    const { state, prices } = pricingService(async () => pricing(10));
    const cached = cachedPrices({ prices, cache: priceCacheInRedis(memory, { now }) });
    await cached.priceOf(request);
    redis.isAway = true;
    await cached.priceOf(request);
    await cached.priceOf(request);
    expect(state.asked).toBe(2);
  });

  it("lets no price begin to count when Redis, which stood still, is through with what it was told", async () => {
    const { state: redis, memory, goOn } = fakeRedis(now);
    const cache = priceCacheInRedis(memory, { now });
    const { prices } = pricingService(async () => {
      redis.standsStill = true;
      return pricing(10);
    });
    await cachedPrices({ prices, cache }).priceOf(request);
    // What nobody could tell Redis: that the price changed.
    time += 5000;
    await goOn();
    const { prices: newer } = pricingService(async () => pricing(20));
    expect((await cachedPrices({ prices: newer, cache }).priceOf(request))?.finalPrice).toBe(20);
  });

  it("begins no generation twice, not even after Redis has forgotten the last one", async () => {
    // Prices that outlive a generation, which no configuration allows.
    const cache = priceCacheInRedis(fakeRedis(now).memory, { now, maxAgeMs: 3_600_000 });
    const { prices } = pricingService(async () => pricing(10));
    await cache.forget("p1");
    await cachedPrices({ prices, cache }).priceOf(request);
    time += 60_000;
    await cache.forget("p1");
    const { prices: newer } = pricingService(async () => pricing(20));
    expect((await cachedPrices({ prices: newer, cache }).priceOf(request))?.finalPrice).toBe(20);
  });

  it("takes what is no price of ours for nothing", async () => {
    const { memory } = fakeRedis(now);
    await memory.ask((redis) => redis.set("weft:price:p1:", "{", "PX", 1000));
    const { prices } = pricingService(async () => pricing(10));
    const cached = cachedPrices({ prices, cache: priceCacheInRedis(memory, { now }) });
    expect((await cached.priceOf(request))?.finalPrice).toBe(10);
  });
});

it("the memory of a process keeps a bounded number of products", async () => {
  const cache = priceCacheInMemory({ now, maxProducts: 2 });
  for (const productId of ["p1", "p2", "p3"]) {
    const found = await cache.find(productId, undefined);
    if ("keep" in found) await found.keep({ ...pricing(1), productId });
  }
  const kept = await Promise.all(["p2", "p3", "p1"].map(async (id) => "pricing" in (await cache.find(id, undefined))));
  expect(kept).toEqual([true, true, false]);
});
