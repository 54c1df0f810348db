import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { RateLimited, silentLogger } from "@weft/core";
import { type RedisOptions, redisMemory, type SharedMemory } from "@weft/service-kit/redis";
import { eventually } from "@weft/testkit";
import { hostPort } from "@weft/testkit/infrastructure";
import { getContainerRuntimeClient, type StartedTestContainer, Wait } from "testcontainers";
// Services export nothing: what they do with Redis is tested where it is written.
import { priceCacheInRedis } from "../../../../services/catalog/src/adapters/caches/price-cache-in-redis.ts";
import { cachedPrices } from "../../../../services/catalog/src/application/cached-prices.ts";
import type { Pricing } from "../../../../services/catalog/src/application/ports.ts";
import { sharedRateLimit } from "../../../../services/gateway/src/shared-rate-limit.ts";
import { type Authority, newAuthority } from "../security/certificates.ts";
import { inContainer, secured, stopContainers } from "../security/containers.ts";
import { recordingLogger } from "../security/recording-logger.ts";

const password = "redis-canary-6Wb";
let authority: Authority;
let stranger: Authority;
let redis: StartedTestContainer;
let port: number;
let tlsPort: number;
const started: SharedMemory[] = [];

beforeAll(async () => {
  authority = await newAuthority("Weft test authority");
  stranger = await newAuthority("somebody else");
  // The port stays the same when it comes back.
  [port, tlsPort] = [await hostPort(), await hostPort()];
  const { cert, key } = await authority.issue("redis", { hosts: ["127.0.0.1"] });
  redis = await secured("WEFT_IMAGE_REDIS")
    .withCommand([
      ...["redis-server", "--requirepass", password, "--port", "6379", "--tls-port", "6380"],
      ...["--tls-cert-file", "/certificates/cert.pem", "--tls-key-file", "/certificates/key.pem"],
      ...["--tls-ca-cert-file", "/certificates/ca.pem", "--tls-auth-clients", "no"],
    ])
    .withCopyContentToContainer(
      inContainer({
        "/certificates/cert.pem": cert,
        "/certificates/key.pem": key,
        "/certificates/ca.pem": authority.ca,
      }),
    )
    .withExposedPorts({ container: 6379, host: port }, { container: 6380, host: tlsPort })
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .start();
}, 120_000);

afterEach(() => Promise.all(started.splice(0).map((memory) => memory.stop())));

afterAll(async () => {
  await stopContainers([redis]);
  authority?.remove();
  stranger?.remove();
});

/** As one process has it. Ten seconds are more than a machine under test stands still; a process in service waits 20 ms. */
async function memory(options: Partial<RedisOptions> = {}, log = silentLogger): Promise<SharedMemory> {
  const made = redisMemory({ log }, { host: "127.0.0.1", port, password, timeoutMs: 10_000, ...options });
  started.push(made);
  await made.start();
  return made;
}

async function reached(options: Partial<RedisOptions> = {}): Promise<SharedMemory> {
  const made = await memory(options);
  await eventually("Redis is reached", async () => (await made.health?.())?.status === "healthy");
  return made;
}

/** How many of `count` requests get through, sent at once. */
async function passed(limit: (key: string) => Promise<void>, key: string, count: number): Promise<number> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => limit(key)));
  for (const result of results) if (result.status === "rejected") expect(RateLimited.is(result.reason)).toBe(true);
  return results.filter(({ status }) => status === "fulfilled").length;
}

describe("two gateways with one Redis", () => {
  // So slow that no token comes back while the test runs.
  const slow = { perSecond: 0.01, burst: 200 };

  it("let through together what one alone would, however they share it", async () => {
    const key = `subject ${randomUUID()}`;
    const [one, two] = [
      sharedRateLimit({ memory: await reached() }, slow),
      sharedRateLimit({ memory: await reached() }, slow),
    ];
    const through = await Promise.all([passed(one, key, 150), passed(two, key, 150)]);
    expect(through[0] + through[1]).toBe(200);
    expect(await passed(two, `subject ${randomUUID()}`, 1)).toBe(1);
  });

  it("give tokens back by Redis' clock, and say when", async () => {
    const key = `subject ${randomUUID()}`;
    const options = { perSecond: 0.2, burst: 1 };
    const [one, two] = [
      sharedRateLimit({ memory: await reached() }, options),
      sharedRateLimit({ memory: await reached() }, options),
    ];
    const begun = performance.now();
    expect(await passed(one, key, 1)).toBe(1);
    const refused = await two(key).catch((error) => error);
    expect(refused).toMatchObject({ code: "RATE_LIMITED" });
    expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(5 - (performance.now() - begun) / 1000);
    expect(refused.retryAfterSeconds).toBeLessThanOrEqual(5);
    await eventually("a token is back for the other", async () => (await passed(two, key, 1)) === 1);
  });
});

const pricing = (finalPrice: number): Pricing => ({
  productId: "p",
  warehouseId: null,
  basePrice: finalPrice,
  finalPrice,
  currency: "EUR",
  updatedAt: "2026-03-01T10:00:00Z",
});

describe("two catalogs with one Redis", () => {
  /** A pricing service with its own count, and a catalog process in front. */
  async function catalogs(options: { maxAgeMs?: number } = {}) {
    const state = { price: 10, asked: 0 };
    const prices = {
      service: "pricing-service",
      async priceOf() {
        state.asked += 1;
        return pricing(state.price);
      },
    };
    const caches = [priceCacheInRedis(await reached(), options), priceCacheInRedis(await reached(), options)] as const;
    const [one, two] = caches.map((cache) => cachedPrices({ prices, cache })) as [
      ReturnType<typeof cachedPrices>,
      ReturnType<typeof cachedPrices>,
    ];
    return { state, one, two, caches };
  }
  const request = () => ({ productId: randomUUID(), timeoutMs: 800 });

  it("ask pricing once, and both again after PriceChanged has reached one of them", async () => {
    const { state, one, two, caches } = await catalogs();
    const of = request();
    await one.priceOf(of);
    expect((await two.priceOf(of))?.finalPrice).toBe(10);
    expect(state.asked).toBe(1);
    state.price = 20;
    await caches[0].forget(of.productId);
    expect((await two.priceOf(of))?.finalPrice).toBe(20);
    expect((await one.priceOf(of))?.finalPrice).toBe(20);
    expect(state.asked).toBe(2);
  });

  it("show no price that is older than it may be, where the event never comes", async () => {
    const maxAgeMs = 700;
    const { state, one, two } = await catalogs({ maxAgeMs });
    const of = request();
    await one.priceOf(of);
    // By Redis' clock it began between the question and here.
    const keptAt = performance.now();
    state.price = 20;
    const agesOfTheOld: number[] = [];
    await eventually("the new price is shown", async () => {
      const ageMs = performance.now() - keptAt;
      const seen = await two.priceOf(of);
      if (seen?.finalPrice === 10) agesOfTheOld.push(ageMs);
      return seen?.finalPrice === 20;
    });
    expect(Math.max(0, ...agesOfTheOld)).toBeLessThan(maxAgeMs + 50);
  });
});

const engineOf = async (container: StartedTestContainer) =>
  (await getContainerRuntimeClient()).container.getById(container.getId());
const kill = async (container: StartedTestContainer) => (await engineOf(container)).kill({ signal: "SIGKILL" });
const revive = async (container: StartedTestContainer) => (await engineOf(container)).start();
const freeze = async (container: StartedTestContainer) => (await engineOf(container)).pause();
const thaw = async (container: StartedTestContainer) => (await engineOf(container)).unpause();

describe("Redis, when it goes", () => {
  it("costs nothing but hits: no request fails or waits, one line says so, and it is found again", async () => {
    const record = recordingLogger();
    const shared = await memory({ timeoutMs: 20 }, record.log);
    await eventually("Redis is reached", async () => (await shared.health?.())?.status === "healthy");
    const limit = sharedRateLimit({ memory: shared }, { perSecond: 1_000_000 });
    const prices = { service: "pricing-service", priceOf: async () => pricing(10) };
    const cached = cachedPrices({ prices, cache: priceCacheInRedis(shared) });
    const traffic = { running: true, served: 0, slowest: 0 };
    const client = async () => {
      while (traffic.running) {
        const begun = performance.now();
        await limit("subject a");
        expect((await cached.priceOf({ productId: "p", timeoutMs: 800 }))?.finalPrice).toBe(10);
        traffic.slowest = Math.max(traffic.slowest, performance.now() - begun);
        traffic.served += 1;
        await new Promise(setImmediate);
      }
    };
    // A failed request rejects here.
    const clients = Promise.all(Array.from({ length: 10 }, client));
    const more = async (count: number) => {
      const from = traffic.served;
      await eventually(`${count} more are served`, () => traffic.served > from + count);
    };
    const lines = (words: RegExp) => record.lines().filter(({ msg }) => words.test(String(msg))).length;
    try {
      await more(500);
      await kill(redis);
      await eventually("it is told", async () => (await shared.health?.())?.status === "degraded");
      // A pause of the machine before that is told and taken back in pairs.
      const [told, back] = [lines(/Redis is away/), lines(/Redis answers again/)];
      await more(1000);
      // Once, however many requests met it.
      expect(told - back).toBe(1);
      expect(lines(/Redis is away/)).toBe(told);
      expect(await shared.health?.()).toMatchObject({
        status: "degraded",
        message: expect.stringMatching(/^Redis is away/),
      });
      await revive(redis);
      await eventually("it is found again", () => lines(/Redis answers again/) > back, { timeoutMs: 20_000 });
      await more(500);
    } finally {
      traffic.running = false;
    }
    await clients;
    expect(await shared.health?.()).toEqual({ status: "healthy" });
    expect(traffic.slowest).toBeLessThan(5_000);
    expect(record.text()).not.toContain(password);
  }, 60_000);

  it("that hangs is given up within the timeout, again and again cheaper", async () => {
    const shared = await reached({ timeoutMs: 50 });
    await redis.exec(["sh", "-c", `redis-cli -a ${password} client pause 10000`]);
    const begun = performance.now();
    for (let count = 0; count < 200; count += 1) await shared.ask((commands) => commands.eval("return 1", 0));
    // Those of the first 200 ms wait 50 each, the others are not even sent.
    expect(performance.now() - begun).toBeLessThan((200 * 50) / 2);
    expect(await shared.health?.()).toMatchObject({
      status: "degraded",
      message: expect.stringMatching(/no answer within/),
    });
    await eventually(
      "it is asked again",
      async () => (await shared.ask((commands) => commands.eval("return 1", 0))) !== undefined,
    );
    expect(await shared.health?.()).toEqual({ status: "healthy" });
  });
});

describe("Redis, when it stands still and goes on", () => {
  it("shows no price that it was told to keep before, and that changed meanwhile", async () => {
    const options = { maxAgeMs: 3000 };
    const productId = randomUUID();
    const shared = await reached();
    const cache = priceCacheInRedis(shared, options);
    const found = await cache.find(productId, undefined);
    const askedAt = performance.now();
    if (!("keep" in found)) throw new Error("a price of nobody's");
    await freeze(redis);
    try {
      // The socket is given up; what was sent waits in Redis' buffer, and the socket's end behind it.
      await found.keep(pricing(10));
      await eventually("Redis counts as away", async () => (await shared.health?.())?.status === "degraded");
      await cache.forget(productId);
      await eventually("the price is too old", () => performance.now() - askedAt > options.maxAgeMs);
    } finally {
      await thaw(redis);
    }
    // A connection of its own is there long before a price that began to count now were too old.
    const other = priceCacheInRedis(await reached(), options);
    expect(await other.find(productId, undefined)).not.toHaveProperty("pricing");
  });
});

describe("Redis, and what is said of it, where", () => {
  const tls = (authorityOf: () => Authority, host = "127.0.0.1") => ({
    host,
    port: tlsPort,
    tls: { ca: authorityOf().ca },
  });
  it("the right password and authority are given: nothing", async () => {
    const shared = await reached(tls(() => authority));
    expect(await shared.ask((commands) => commands.eval("return 1", 0))).toEqual({ answer: 1 });
  });

  it.each([
    [
      "the password is wrong",
      () => ({ password: "wrong-canary-1Jc" }),
      /refuses this password: check data\.redis\.password/,
    ],
    ["there is no password", () => ({ password: undefined }), /refuses this password: check data\.redis\.password/],
    ["the authority is not known", () => tls(() => stranger), /not signed by an authority/],
    ["the certificate is for another host", () => tls(() => authority, "localhost"), /for another host/],
  ])("%s", async (_, options, words) => {
    const record = recordingLogger();
    const shared = await memory(options() as Partial<RedisOptions>, record.log);
    await eventually("it is told", async () => words.test((await shared.health?.())?.message ?? ""));
    expect(await shared.ask((commands) => commands.eval("return 1", 0))).toBeUndefined();
    for (const secret of [password, "wrong-canary-1Jc"]) expect(record.text()).not.toContain(secret);
  });
});
