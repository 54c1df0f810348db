import { describe, expect, it } from "@jest/globals";
import { Timeout } from "./errors.ts";
import { timeLimit, within } from "./within.ts";

const never = new Promise<never>(() => {});

describe("work within its time", () => {
  it("gives what it comes to, also its failure", async () => {
    expect(await within(1000, Promise.resolve("done"), () => "late")).toBe("done");
    await expect(within(1000, Promise.reject(new Error("no")), () => "late")).rejects.toThrow("no");
  });

  it("gives what stands for it when it is late, or fails with that", async () => {
    expect(await within(1, never, () => "late")).toBe("late");
    const tooLate = () => {
      throw new Timeout({ operation: "it" });
    };
    await expect(within(1, never, tooLate)).rejects.toThrow(Timeout);
  });

  it("keeps the process alive for as long as it waits, unless it is told not to", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    for (const [keepsAlive, more] of [[true, 1] as const, [false, 0] as const]) {
      const work = Promise.withResolvers<void>();
      const before = timers();
      const waiting = within(60_000, work.promise, () => {}, { keepsAlive });
      expect(timers() - before).toBe(more);
      work.resolve();
      await waiting;
    }
  });

  it("keeps a failure that comes too late to itself", async () => {
    const work = Promise.withResolvers<string>();
    expect(await within(1, work.promise, () => "late")).toBe("late");
    work.reject(new Error("nobody looks"));
    // A rejection that nobody caught would end this process, and the test with it.
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe("time limit of a piece of work", () => {
  it("aborts its signal with its own reason when the time is over", async () => {
    const limit = timeLimit(1, () => new Timeout({ operation: "it" }));
    await new Promise((resolve) => limit.signal.addEventListener("abort", resolve));
    expect(limit.signal.reason).toBeInstanceOf(Timeout);
  });

  it("aborts with the parent's reason, also one that was given before", () => {
    const parent = new AbortController();
    const limit = timeLimit(60_000, () => "late", parent.signal);
    parent.abort("gone");
    expect(limit.signal.reason).toBe("gone");
    limit.clear();
    expect(timeLimit(60_000, () => "late", parent.signal).signal.reason).toBe("gone");
  });

  it("does not end early for a time that is longer than Node's timers can wait", async () => {
    const limit = timeLimit(3e9, () => "late");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(limit.signal.aborted).toBe(false);
    limit.clear();
  });
});
