import type { Figures, Outcomes } from "./tally.ts";

const number = (n: number) => n.toLocaleString("en-US");
const latency = (ms: number | undefined) => (ms === undefined ? "-" : `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`);

export function clockOf(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

const total = ({ ok, refused, failed }: Outcomes) => ok + refused + failed;

/** Everything at a glance, in one line. @param width columns of the terminal, where it is one */
export function liveLine(figures: Figures, width?: number): string {
  const { playedMs, begun, underWay, skipped, actions, requests, p50Ms, p99Ms } = figures;
  const parts = [
    clockOf(playedMs),
    `${((begun * 1000) / Math.max(1, playedMs)).toFixed(1)}/s`,
    `p50 ${latency(p50Ms)} p99 ${latency(p99Ms)}`,
    `ok ${number(requests.ok)} refused ${number(requests.refused)} failed ${number(requests.failed)}`,
    ...(underWay > 0 ? [`under way ${number(underWay)}`] : []),
    ...(skipped > 0 ? [`skipped ${number(skipped)}`] : []),
    Object.entries(actions)
      .map(([name, outcomes]) => `${name} ${number(total(outcomes))}`)
      .join(", "),
  ];
  const line = parts.join("  ");
  return width === undefined || line.length < width ? line : `${line.slice(0, Math.max(0, width - 2))}…`;
}

/** What it all came to. */
export function summary(figures: Figures, { perSecond }: { perSecond: number }): string {
  const { playedMs, begun, underWay, skipped, actions, requests, repeated, codes, degradedPages, acknowledged, spent } =
    figures;
  const seconds = playedMs / 1000;
  const rows = Object.entries(actions).map(([name, { ok, refused, failed }]) => [name, ok, refused, failed]);
  const table = [["ACTION", "OK", "REFUSED", "FAILED"], ...rows].map(([name, ...counts]) =>
    [String(name).padEnd(18), ...counts.map((count) => String(count).padStart(8))].join(""),
  );
  const listed = (counts: object) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${number(count)}`)
      .join(", ");
  return [
    ...table,
    "",
    `${number(begun)} actions in ${seconds.toFixed(1)} s: ${(begun / Math.max(seconds, 0.001)).toFixed(1)} a second of the ${perSecond} asked for` +
      (skipped > 0 ? `; ${number(skipped)} skipped, because too many others were under way` : ""),
    `${number(total(requests))} requests: ${number(requests.ok)} ok, ${number(requests.refused)} refused, ${number(requests.failed)} failed; ${number(repeated)} repetitions` +
      (degradedPages > 0 ? `; ${number(degradedPages)} pages without a part` : ""),
    ...(underWay > 0 ? [`${number(underWay)} actions were left under way: nobody knows what came of them`] : []),
    ...(Object.keys(codes).length > 0 ? [`not ok: ${listed(codes)}`] : []),
    `acknowledged: ${listed(acknowledged) || "nothing"}; ${spent.toFixed(2)} EUR spent`,
  ].join("\n");
}
