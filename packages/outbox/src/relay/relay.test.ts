import { describe, expect, it } from "@jest/globals";
import { poll, silentLogger } from "@weft/core";
import type { Broker, SchemaRegistry } from "@weft/messaging";
import type { Database } from "../database.ts";
import { DatabaseUnavailable } from "../errors.ts";
import { outboxRelay } from "./relay.ts";

/** A relay that has looked once at a database whose every statement fails with this error. */
async function relayOn(error: Error) {
  const lines: { level: string; err: unknown; text: string }[] = [];
  const log = {
    ...silentLogger,
    warn: ({ err }: Record<string, unknown>, text = "") => void lines.push({ level: "warn", err, text }),
    error: ({ err }: Record<string, unknown>, text = "") => void lines.push({ level: "error", err, text }),
  };
  const database = {
    query: async () => {
      throw error;
    },
  } as unknown as Database;
  const outbox = { onAppended: () => () => {} };
  const relay = outboxRelay({ database, outbox, broker: {} as Broker, schemas: {} as SchemaRegistry, log });
  await relay.start();
  const health = await poll({ everyMs: 1, forMs: 5_000 }, async () => {
    const answer = await relay.health?.();
    return answer?.status === "degraded" ? answer : undefined;
  });
  const toldByThen = [...lines];
  await relay.stop();
  return { lines: toldByThen, health };
}

describe("outbox relay whose statements fail", () => {
  it("logs an error of the program at level error, with its stack, and blames no database for it", async () => {
    const bug = new TypeError("x is not a function");
    const { lines, health } = await relayOn(bug);
    expect(lines.map(({ level, err }) => [level, err])).toContainEqual(["error", bug]);
    expect(lines.filter(({ text }) => text.includes("database"))).toEqual([]);
    expect(health).toMatchObject({ status: "degraded", message: expect.stringContaining(": TypeError") });
  });

  it("warns of a database that is away, once", async () => {
    const { lines, health } = await relayOn(new DatabaseUnavailable({ operation: "query" }));
    expect(lines.map(({ level, text }) => [level, text])).toEqual([
      ["warn", "the relay cannot use the database; it goes on when it can"],
    ]);
    expect(health).toMatchObject({ status: "degraded", message: "the relay cannot use the database" });
  });

  it("refuses options that are wrong, all together", () => {
    const parts = { database: {}, outbox: {}, broker: {}, schemas: {}, log: silentLogger } as never;
    expect(() => outboxRelay(parts, { batchSize: 0, retryMaxMs: 3e9, leaseMs: 1_000 })).toThrow(
      /batchSize.*retryMaxMs.*leaseMs must be at least twice renewMs/,
    );
  });
});
