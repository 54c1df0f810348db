import { describe, expect, it } from "@jest/globals";
import { RateLimited } from "@weft/core";
import type { RedisCommands, SharedMemory } from "@weft/service-kit/redis";
import { sharedRateLimit } from "./shared-rate-limit.ts";

/** A Redis that answers the script with `answer`, or not at all. What it does with the script is seen on a real one. */
function memoryThat(answer: number | undefined) {
  const asked: unknown[][] = [];
  const commands = {
    async eval(...args: unknown[]) {
      asked.push(args);
      return answer;
    },
  } as unknown as RedisCommands;
  const memory: SharedMemory = {
    name: "redis",
    async start() {},
    async stop() {},
    ask: async (question) => (answer === undefined ? undefined : { answer: await question(commands) }),
  };
  return { memory, asked };
}

async function passed(limit: (key: string) => Promise<void>, count: number): Promise<number> {
  let through = 0;
  for (let index = 0; index < count; index += 1) {
    await limit("subject a").then(
      () => {
        through += 1;
      },
      (error) => expect(RateLimited.is(error)).toBe(true),
    );
  }
  return through;
}

describe("the rate limit of several gateways", () => {
  it("refuses what Redis refuses, and says when to come again", async () => {
    const limit = sharedRateLimit({ memory: memoryThat(1500).memory });
    await expect(limit("a")).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: 2 });
  });

  it("is that of the process while Redis is away", async () => {
    expect(await passed(sharedRateLimit({ memory: memoryThat(undefined).memory }, { now: () => 0 }), 1000)).toBe(200);
  });

  it("does not bother Redis with a flood that this process refuses alone", async () => {
    const { memory, asked } = memoryThat(-1);
    expect(await passed(sharedRateLimit({ memory }, { now: () => 0 }), 1000)).toBe(200);
    expect(asked).toHaveLength(200);
  });

  it("leaves no name of a subject in Redis", async () => {
    const { memory, asked } = memoryThat(-1);
    await sharedRateLimit({ memory })("subject cust_demo");
    expect(JSON.stringify(asked)).not.toContain("cust_demo");
  });

  it("can be off", async () => {
    const { memory, asked } = memoryThat(5);
    expect(await passed(sharedRateLimit({ memory }, { perSecond: "off" }), 1000)).toBe(1000);
    expect(asked).toEqual([]);
  });
});
