import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Slots } from "./slots.ts";

describe("slots", () => {
  it("never run more than is allowed, and let everyone through in the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        async (jobs, perPartition, total) => {
          const slots = new Slots({ perPartition, total });
          const running = new Map<number, number>();
          let done = 0;
          await Promise.all(
            jobs.map(async (partition, index) => {
              const turn = slots.take(String(partition));
              if (turn) await turn;
              running.set(partition, (running.get(partition) ?? 0) + 1);
              expect(running.get(partition)).toBeLessThanOrEqual(perPartition);
              expect(slots.taken).toBeLessThanOrEqual(total);
              for (let turns = 0; turns < index % 4; turns += 1) await Promise.resolve();
              running.set(partition, running.get(partition)! - 1);
              slots.release(String(partition));
              done += 1;
            }),
          );
          expect(done).toBe(jobs.length);
          expect(slots.taken).toBe(0);
        },
      ),
    );
  });

  it("serve a partition that waits before the busy one again", async () => {
    const slots = new Slots({ perPartition: 2, total: 1 });
    const order: string[] = [];
    expect(slots.take("busy")).toBeUndefined();
    const waiting = ["busy", "busy", "quiet"].map((name) => slots.take(name)?.then(() => order.push(name)));
    for (const name of ["busy", "quiet", "busy"]) {
      slots.release(name === "quiet" ? "busy" : name);
      await Promise.resolve();
      await Promise.resolve();
      if (order.at(-1) === "quiet") break;
    }
    expect(order[0] === "quiet" || order[1] === "quiet").toBe(true);
    slots.release(order.at(-1)!);
    await Promise.race([Promise.all(waiting), Promise.resolve()]);
  });
});
