import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { hostPort } from "@weft/testkit/infrastructure";
import { getContainerRuntimeClient, type StartedTestContainer, Wait } from "testcontainers";
import { secured, stopContainers } from "../security/containers.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const operatorsToken = "the-operators-of-tests";
const perSecond = 20;
const burst = 2 * perSecond;
const folder = mkdtempSync(join(tmpdir(), "weft-gateways-"));
const gateways: { url: string; process: ChildProcess; said: string }[] = [];
let redis: StartedTestContainer;
let consul: StartedTestContainer;

beforeAll(async () => {
  [redis, consul] = await Promise.all([
    secured("WEFT_IMAGE_REDIS")
      .withExposedPorts(6379)
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
      .start(),
    // No service behind: every request that is let through is a 404.
    secured("WEFT_IMAGE_CONSUL")
      .withCommand(["agent", "-dev", "-client", "0.0.0.0"])
      .withExposedPorts(8500)
      .withWaitStrategy(Wait.forHttp("/v1/status/leader", 8500).forResponsePredicate((body) => body.length > 4))
      .start(),
  ]);
  for (const port of [await hostPort(), await hostPort()]) {
    const child = spawn(
      process.execPath,
      [
        "--conditions=@weft/source",
        "--disable-warning=ExperimentalWarning",
        join(root, "services/gateway/src/main.ts"),
      ],
      {
        cwd: root,
        env: {
          PATH: process.env.PATH,
          NODE_ENV: "production",
          WEFT_ENVIRONMENT: "development",
          WEFT_GATEWAY_PORT: String(port),
          WEFT_CONSUL_URL: `http://127.0.0.1:${consul.getMappedPort(8500)}`,
          WEFT_REDIS_URL: `redis://127.0.0.1:${redis.getMappedPort(6379)}`,
          // A process that starts on a busy machine answers later than one in service.
          WEFT_REDIS_TIMEOUT: "5s",
          WEFT_RATE_LIMIT: String(perSecond),
          WEFT_TRUSTED_PROXIES: "1",
          WEFT_JWT_KEY_FILE: join(folder, "jwt.jwk.json"),
          WEFT_DRAIN_WAIT: "0ms",
          WEFT_OPERATORS_TOKEN: operatorsToken,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const gateway = { url: `http://127.0.0.1:${port}`, process: child, said: "" };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (gateway.said += text));
    gateways.push(gateway);
  }
  for (const { url } of gateways) {
    await eventually("Redis is reached", async () => (await redisOf(url))?.status === "healthy", { timeoutMs: 40_000 });
    await eventually("it serves", async () => (await fetch(`${url}/health/ready`)).status === 200);
  }
}, 180_000);

afterAll(async () => {
  await Promise.all(
    gateways.map(async ({ process: child }) => {
      if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    }),
  );
  await stopContainers([redis, consul]);
  rmSync(folder, { recursive: true, force: true });
});

async function redisOf(url: string): Promise<{ status: string } | undefined> {
  const answer = await fetch(`${url}/health`, { headers: { authorization: `Bearer ${operatorsToken}` } });
  const health = (await answer.json()) as { checks?: Record<string, { status: string }> };
  return health.checks?.redis;
}

/** Status → how often it came, of `count` requests at once. */
async function ask(url: string, count: number, headers: Record<string, string> = {}): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  await Promise.all(
    Array.from({ length: count }, async () => {
      const { status, body } = await fetch(`${url}/api/v1/nothing`, { headers });
      await body?.cancel();
      counts[status] = (counts[status] ?? 0) + 1;
    }),
  );
  return counts;
}

it("two gateway processes let through together what one may, and none of them fails when Redis is killed", async () => {
  const told = ({ said }: { said: string }) => said.match(/Redis is away/g)?.length ?? 0;
  let caller = 0;
  // Where a busy machine has Redis answer late, each of them rightly counts for itself: then again, for another caller.
  const { through, seconds } = await eventually(
    "Redis answers all the time",
    async () => {
      const before = gateways.map(told);
      const headers = { "x-forwarded-for": `10.3.0.${++caller}` };
      const begun = performance.now();
      const counts = await Promise.all(gateways.map(({ url }) => ask(url, 100, headers)));
      const seconds = (performance.now() - begun) / 1000;
      const states = await Promise.all(gateways.map(({ url }) => redisOf(url)));
      const answers = states.every((redis) => redis?.status === "healthy");
      const through = counts.reduce((sum, { 404: passed = 0 }) => sum + passed, 0);
      return answers && gateways.every((gateway, at) => told(gateway) === before[at]) && { through, seconds };
    },
    { timeoutMs: 30_000 },
  );
  expect(through).toBeGreaterThanOrEqual(burst);
  // Each for itself would be two bursts before anything is counted over time.
  expect(through).toBeLessThanOrEqual(burst + Math.ceil(seconds * perSecond));

  const before = gateways.map(told);
  const { container } = await getContainerRuntimeClient();
  const traffic = gateways.map(async ({ url }) => {
    const all: Record<number, number> = {};
    const until = performance.now() + 30_000;
    // Until it has seen the outage, and some time of it.
    for (let after = 0; after < 5 && performance.now() < until; ) {
      for (const [status, count] of Object.entries(await ask(url, 10))) all[+status] = (all[+status] ?? 0) + count;
      if ((await redisOf(url))?.status === "degraded") after += 1;
    }
    return all;
  });
  await container.getById(redis.getId()).kill({ signal: "SIGKILL" });
  for (const seen of await Promise.all(traffic)) {
    expect(Object.keys(seen).every((status) => status === "404" || status === "429")).toBe(true);
  }
  for (const [at, gateway] of gateways.entries()) {
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    await eventually("its line has come through the pipe", () => told(gateway) > before[at]!);
    expect(told(gateway)).toBe(before[at]! + 1);
  }
}, 120_000);
