import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { createOutput } from "./output.ts";
import { type Launched, supervise } from "./supervise.ts";

interface Fake extends Launched<string> {
  /** It ends by itself. */
  exit(text: string): void;
  isStopped: boolean;
}

function fakeProcess(pid: number): Fake {
  let exit: (exit: { text: string }) => void = () => {};
  const exited = new Promise<{ text: string }>((resolve) => {
    exit = resolve;
  });
  const fake: Fake = {
    pid,
    address: `a${pid}`,
    exited,
    isStopped: false,
    exit: (text) => exit({ text }),
    async stop() {
      fake.isStopped = true;
      exit({ text: "stopped" });
      await exited;
    },
  };
  return fake;
}

/** A part whose launches succeed, fail or hang as `plan` says; after the plan they succeed. */
function part(plan: (Error | "hang" | undefined)[] = []) {
  const lines: string[] = [];
  const launched: Fake[] = [];
  const launchTimes: number[] = [];
  let changes = 0;
  const hanging: ((fake: Fake) => void)[] = [];
  const supervised = supervise<string>(
    {
      output: createOutput({ json: false, color: false, write: (text) => lines.push(text) }),
      onChange: () => {
        changes++;
      },
    },
    {
      name: "part",
      describe: (address) => address,
      async launch() {
        launchTimes.push(Date.now());
        const next = plan.shift();
        if (next instanceof Error) throw next;
        const fake = fakeProcess(launchTimes.length);
        launched.push(fake);
        if (next === "hang") await new Promise<void>((resolve) => hanging.push(() => resolve()));
        return fake;
      },
    },
  );
  return {
    supervised,
    lines,
    launched,
    launchTimes,
    changes: () => changes,
    release: () => hanging.shift()?.(launched[0]!),
  };
}
const refusing = (refusal: string) => Object.assign(new Error("no"), { refusal });
const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe("supervise", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it("does not start again what is stopped while its first start is repeated", async () => {
    const { supervised, launchTimes } = part([new Error("no")]);
    const started = supervised.start().catch((error: Error) => error.message);
    await advance(100);
    await supervised.stop();
    await advance(60_000);
    expect([await started, launchTimes.length]).toEqual(["part did not start: it was stopped meanwhile", 1]);
  });

  it("starts, tells who runs, and stops", async () => {
    const { supervised, launched, lines } = part();
    expect(supervised.current()).toBeUndefined();
    await supervised.start();
    expect(supervised.current()).toBe(launched[0]);
    await supervised.stop();
    expect(launched[0]!.isStopped).toBe(true);
    expect(supervised.current()).toBeUndefined();
    expect(lines.join("")).toMatch(/✓ part.*a1[\s\S]*· part.*stopped/);
    await advance(60_000);
    expect(launched).toHaveLength(1);
  });

  it("starts again 0.5 s after an exit, and tells each change", async () => {
    const { supervised, launched, changes, lines } = part();
    await supervised.start();
    launched[0]!.exit("killed by SIGKILL");
    await advance(0);
    expect(supervised.current()).toBeUndefined();
    expect(lines.join("")).toContain("killed by SIGKILL; starting again");
    await advance(499);
    expect(launched).toHaveLength(1);
    await advance(1);
    expect(supervised.current()).toBe(launched[1]);
    expect(changes()).toBe(3);
    await supervised.stop();
  });

  it("doubles the pause with each start that did not last, up to five seconds, and begins anew after ten steady ones", async () => {
    const { supervised, launched, launchTimes } = part();
    await supervised.start();
    for (let time = 0; time < 7; time++) {
      launched.at(-1)!.exit("gone");
      await advance(5_000);
    }
    const pauses = launchTimes
      .slice(1)
      .map((at, index) => at - (index === 0 ? launchTimes[0]! : launchTimes[0]! + index * 5_000));
    expect(pauses).toEqual([500, 1000, 2000, 4000, 5000, 5000, 5000]);
    await advance(11_000);
    const before = Date.now();
    launched.at(-1)!.exit("gone");
    await advance(500);
    expect(launchTimes.at(-1)! - before).toBe(500);
    await supervised.stop();
  });

  it("tries the first start three times, then rejects with the part's name and the reason", async () => {
    const { supervised, launchTimes } = part([new Error("one"), new Error("two"), new Error("three")]);
    const started = supervised.start().catch((error: Error) => error);
    await advance(10_000);
    expect(await started).toMatchObject({ code: "PART_NOT_STARTED", message: "part did not start: three" });
    expect(launchTimes).toHaveLength(3);
    await supervised.stop();
  });

  it.each([
    ["configuration", "PART_MISCONFIGURED"],
    ["final", "PART_NOT_STARTED"],
  ])("does not try again what was refused for good (%s)", async (refusal, code) => {
    const { supervised, launchTimes } = part([refusing(refusal)]);
    await expect(supervised.start()).rejects.toMatchObject({ code });
    expect(launchTimes).toHaveLength(1);
  });

  it("goes on trying where a later start fails, for ever", async () => {
    const failures = Array.from({ length: 5 }, () => refusing("final"));
    const { supervised, launched, launchTimes, lines } = part([undefined, ...failures]);
    await supervised.start();
    launched[0]!.exit("gone");
    await advance(60_000);
    expect(launchTimes).toHaveLength(7);
    expect(supervised.current()).toBe(launched[1]);
    expect(lines.filter((line) => line.includes("did not start: no"))).toHaveLength(5);
    await supervised.stop();
  });

  it("tells an error of this program with its stack, and does not start the part again", async () => {
    const { supervised, launched, launchTimes, lines } = part([undefined, new TypeError("x is not a function")]);
    await supervised.start();
    launched[0]!.exit("gone");
    await advance(60_000);
    expect(launchTimes).toHaveLength(2);
    expect(lines.join("")).toMatch(/part is not started again: TypeError: x is not a function\n\s+at /);
    await supervised.stop();
  });

  it("rejects a first start with an error of this program as it is, at once", async () => {
    const bug = new TypeError("x is not a function");
    const { supervised, launchTimes } = part([bug]);
    await expect(supervised.start()).rejects.toBe(bug);
    expect(launchTimes).toHaveLength(1);
  });

  it("stops within a pause, without another start", async () => {
    const { supervised, launched, launchTimes } = part();
    await supervised.start();
    launched[0]!.exit("gone");
    await advance(100);
    await supervised.stop();
    await advance(60_000);
    expect(launchTimes).toHaveLength(1);
  });

  it("stops what comes up while it is being stopped", async () => {
    const { supervised, launched, release } = part(["hang"]);
    const started = supervised.start();
    await advance(0);
    const stopped = supervised.stop();
    release();
    await Promise.all([started.catch(() => {}), stopped]);
    expect(launched[0]!.isStopped).toBe(true);
    expect(supervised.current()).toBeUndefined();
    await advance(60_000);
    expect(launched).toHaveLength(1);
  });
});
