import { describe, expect, it } from "@jest/globals";
import { Timeout } from "./errors.ts";
import { within } from "./within.ts";

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

  it("keeps a failure that comes too late to itself", async () => {
    const work = Promise.withResolvers<string>();
    expect(await within(1, work.promise, () => "late")).toBe("late");
    work.reject(new Error("nobody looks"));
    // A rejection that nobody caught would end this process, and the test with it.
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
