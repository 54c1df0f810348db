import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { picker } from "./picker.ts";
import type { ServiceInstance } from "./registry.ts";

const instance = (instanceId: string, metadata: Record<string, string> = {}): ServiceInstance => ({
  service: "thing-service",
  instanceId,
  host: "127.0.0.1",
  port: 1,
  version: "1",
  tags: [],
  metadata,
  createIndex: 1,
});
const watching = (...instances: ServiceInstance[]) => ({ current: () => ({ instances, ageMs: 0 }) });

/** A generator that gives the same run again for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe("picker", () => {
  it("never gives an excluded instance, and nothing when none is left", () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 0, maxLength: 6 });
    fc.assert(
      fc.property(
        ids,
        ids,
        fc.constantFrom("least-loaded" as const, "round-robin" as const),
        (known, excluded, strategy) => {
          const tested = picker(watching(...known.map((id) => instance(id))), { strategy });
          const exclude = new Set(excluded);
          const picked = tested.choose(exclude)?.instance.instanceId;
          const left = known.filter((id) => !exclude.has(id));
          if (left.length === 0) expect(picked).toBeUndefined();
          else expect(left).toContain(picked);
        },
      ),
    );
  });

  it("counts in flight exactly, whatever is reported twice", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), (steps) => {
        const tested = picker(watching(instance("a"), instance("b"), instance("c")));
        const open: NonNullable<ReturnType<typeof tested.choose>>[] = [];
        for (const step of steps) {
          if (step % 2 === 0) open.push(tested.choose()!);
          else if (open.length > 0) {
            const [ended] = open.splice(step % open.length, 1);
            ended!.done({ ok: true, latencyMs: step });
            ended!.done({ ok: false, latencyMs: step });
          }
          const counted = ["a", "b", "c"].map((id) => tested.load(id).inFlight);
          expect(counted.reduce((sum, inFlight) => sum + inFlight)).toBe(open.length);
        }
      }),
    );
  });

  it("keeps load even: of two drawn at random the less loaded one is taken", () => {
    const tested = picker(watching(...["a", "b", "c", "d", "e"].map((id) => instance(id))), {
      random: seeded(1),
      now: () => 0,
    });
    for (let call = 0; call < 1000; call += 1) tested.choose();
    const counts = ["a", "b", "c", "d", "e"].map((id) => tested.load(id).inFlight);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(6);
  });

  it.each([
    ["slow", { latencyMs: 1000, ok: true }],
    ["failing at once", { latencyMs: 1, ok: false }],
  ])("sends less than 5 %% to an instance that is %s, and some again when it is well", (_what, sick) => {
    let now = 0;
    const tested = picker(watching(instance("a"), instance("b"), instance("sick")), {
      random: seeded(7),
      now: () => now,
    });
    let isSick = true;
    const share = (calls: number) => {
      let count = 0;
      for (let call = 0; call < calls; call += 1) {
        now += 10;
        const picked = tested.choose()!;
        if (picked.instance.instanceId === "sick") count += 1;
        picked.done(picked.instance.instanceId === "sick" && isSick ? sick : { latencyMs: 20, ok: true });
      }
      return count / calls;
    };
    share(1000);
    expect(share(6000)).toBeLessThan(0.05);
    isSick = false;
    share(6000);
    expect(share(3000)).toBeGreaterThan(0.2);
  });

  it("takes turns where it is told to", () => {
    const tested = picker(watching(instance("a"), instance("b"), instance("c")), { strategy: "round-robin" });
    const picked = Array.from({ length: 6 }, () => tested.choose()!.instance.instanceId);
    expect(picked).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  it("stays within the subset, and leaves it only where that is allowed", () => {
    const known = watching(instance("a", { zone: "1" }), instance("b", { zone: "2" }));
    const pick = (zone: string, otherwise: "any" | "none") =>
      picker(known, { subset: { metadata: { zone }, otherwise } }).choose()?.instance.instanceId;
    for (let call = 0; call < 20; call += 1) expect(pick("2", "none")).toBe("b");
    expect(pick("3", "none")).toBeUndefined();
    expect(["a", "b"]).toContain(pick("3", "any"));
  });
});
