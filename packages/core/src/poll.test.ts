import { describe, expect, it } from "@jest/globals";
import { poll } from "./poll.ts";

describe("poll", () => {
  it("looks until there is something to see", async () => {
    let looks = 0;
    expect(await poll({ everyMs: 1, forMs: 60_000 }, () => (++looks === 3 ? "seen" : undefined))).toBe("seen");
    expect(looks).toBe(3);
  });

  it("gives nothing when its time is over, after one look at least", async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      return undefined;
    };
    expect(await poll({ everyMs: 1, forMs: 0 }, look)).toBeUndefined();
    expect(looks).toBe(1);
  });

  it("ends with what the look threw, and with the reason of its signal", async () => {
    const broken = poll({ everyMs: 1, forMs: 60_000 }, () => {
      throw new Error("broken");
    });
    await expect(broken).rejects.toThrow("broken");
    const stop = new AbortController();
    const stopped = poll({ everyMs: 60_000, forMs: 120_000 }, () => void stop.abort(new Error("stopped")), stop.signal);
    await expect(stopped).rejects.toThrow("stopped");
  });
});
