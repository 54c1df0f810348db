import type { EventType } from "@weft/contracts";
import type { Answer, CallReport } from "./gateway-client.ts";
import { latencyWindow } from "./latency-window.ts";
import { type ActionName, actionNames } from "./plan.ts";

/** A write that was acknowledged, as the event that it must have caused: its type, its key, and some of its data. */
export interface Acknowledged {
  type: EventType;
  key: string;
  data: Record<string, unknown>;
}

export type Outcomes = Record<Answer["outcome"], number>;

export interface Tally {
  actionBegun(): void;
  actionEnded(name: ActionName, outcome: Answer["outcome"]): void;
  skipped(): void;
  called(report: CallReport): void;
  acknowledge(write: Acknowledged): void;
  degradedPage(): void;
  /** Nothing begins any more. */
  closed(): void;
  /** As it is now. */
  figures(): Figures;
  /** The newest of what was acknowledged. */
  acknowledged(): readonly Acknowledged[];
}

export interface Figures {
  /** While actions were begun. What they need to end is not in it. */
  playedMs: number;
  begun: number;
  underWay: number;
  skipped: number;
  actions: Partial<Record<ActionName, Outcomes>>;
  requests: Outcomes;
  /** Attempts beyond the first of each request. */
  repeated: number;
  /** How requests were answered that were not ok, their attempts included. */
  codes: Record<string, number>;
  degradedPages: number;
  /** Of requests with all their attempts, in the last ten seconds. */
  p50Ms?: number;
  p99Ms?: number;
  acknowledged: Partial<Record<EventType, number>>;
  /** Sum of what applied orders cost, as acknowledged. */
  spent: number;
}

export interface TallyOptions {
  /** Acknowledged writes that are remembered one by one; all are counted. @defaultValue 10000 */
  maxRemembered?: number;
}

/** Counts what the demo does. */
export function tally({ clock }: { clock: { nowMs(): number } }, { maxRemembered = 10_000 }: TallyOptions = {}): Tally {
  const began = clock.nowMs();
  let closedAt: number | undefined;
  const latencies = latencyWindow({ clock });
  const none = (): Outcomes => ({ ok: 0, refused: 0, failed: 0 });
  const actions = new Map<ActionName, Outcomes>();
  const requests = none();
  const codes: Record<string, number> = {};
  const acknowledgedCounts: Partial<Record<EventType, number>> = {};
  const remembered: Acknowledged[] = [];
  const counts = { begun: 0, ended: 0, skipped: 0, repeated: 0, degradedPages: 0, spentCents: 0 };
  return {
    actionBegun: () => void counts.begun++,
    actionEnded(name, outcome) {
      counts.ended++;
      const outcomes = actions.get(name) ?? none();
      outcomes[outcome]++;
      actions.set(name, outcomes);
    },
    skipped: () => void counts.skipped++,
    degradedPage: () => void counts.degradedPages++,
    closed() {
      closedAt ??= clock.nowMs();
    },
    called({ ms, outcome, codes: seen, attempts }) {
      latencies.add(ms);
      requests[outcome]++;
      counts.repeated += attempts - 1;
      for (const code of seen) codes[code] = (codes[code] ?? 0) + 1;
    },
    acknowledge(write) {
      acknowledgedCounts[write.type] = (acknowledgedCounts[write.type] ?? 0) + 1;
      if (write.type === "PromotionApplied") counts.spentCents += Math.round(Number(write.data.finalAmount) * 100);
      remembered.push(write);
      if (remembered.length > 2 * maxRemembered) remembered.splice(0, remembered.length - maxRemembered);
    },
    figures: () => ({
      playedMs: (closedAt ?? clock.nowMs()) - began,
      begun: counts.begun,
      underWay: counts.begun - counts.ended,
      skipped: counts.skipped,
      actions: Object.fromEntries(
        actionNames.flatMap((name) => (actions.has(name) ? [[name, { ...actions.get(name)! }]] : [])),
      ),
      requests: { ...requests },
      repeated: counts.repeated,
      codes: { ...codes },
      degradedPages: counts.degradedPages,
      p50Ms: latencies.percentile(0.5),
      p99Ms: latencies.percentile(0.99),
      acknowledged: { ...acknowledgedCounts },
      spent: counts.spentCents / 100,
    }),
    acknowledged: () => remembered.slice(-maxRemembered),
  };
}
