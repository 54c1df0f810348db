import { expect } from "@jest/globals";
import { sleep } from "@weft/core";
import { type ApiRequest, eventually, type RunningMesh } from "@weft/testkit";

/** One request of the traffic, by its number. */
export interface Asked extends ApiRequest {
  method: string;
  path: string;
}

export interface DatabaseOutage {
  /** As the printed line calls it. */
  what: string;
  ask: (n: number) => Asked;
  takeAway: () => Promise<void>;
  bringBack: () => Promise<void>;
  /** Rejects until the database answers. */
  question: () => Promise<unknown>;
  awayMs: number;
}

interface Answered {
  /** By `Date.now`, as the log has it. */
  at: number;
  status: number;
  code?: string;
  hasRetryAfter: boolean;
}

export interface OutageReport {
  during: Record<string, number>;
  /** From the database's first answer to the first 2xx through the gateway, in milliseconds. */
  firstMs: number;
  /** From the database's first answer until every breaker that had opened was closed, in milliseconds; 0 where none had. */
  closedMs: number;
  opened: number;
}

const everyMs = 50;
/** What nobody waits for longer: a request that was sent while the database hung. */
const settledWithinMs = 40_000;

/**
 * Twenty requests a second through the gateway, whatever comes of the earlier ones, while the database goes away and comes
 * back; until requests are answered as before and no breaker is open.
 */
export async function databaseOutage(mesh: RunningMesh, outage: DatabaseOutage): Promise<OutageReport> {
  const { what, ask, takeAway, bringBack, question, awayMs } = outage;
  const begunAt = Date.now();
  const answered: Answered[] = [];
  const underWay = new Set<Promise<void>>();
  let isOver = false;
  const traffic = (async () => {
    for (let n = 0; !isOver; n += 1) {
      const { method, path, ...request } = ask(n);
      const one = mesh
        .api(method, path, request)
        .then(({ status, headers, error }) => ({
          status,
          code: error?.code,
          hasRetryAfter: headers.has("retry-after"),
        }))
        .catch(() => ({ status: 0, hasRetryAfter: false }))
        .then((answer) => {
          answered.push({ at: Date.now(), ...answer });
          underWay.delete(one);
        });
      underWay.add(one);
      await sleep(everyMs);
    }
  })();
  const good = ({ status }: Answered) => status >= 200 && status < 300;
  await eventually("requests are answered", () => answered.filter(good).length >= 20);

  const awayAt = Date.now();
  await takeAway();
  await sleep(awayMs);
  const backAt = await bringBack()
    .then(() =>
      eventually("the database answers", () => question().then(() => true), { timeoutMs: 60_000, everyMs: 20 }),
    )
    .then(() => Date.now());
  await eventually(
    "requests are answered as before, and no breaker is open",
    () => {
      const last = answered.slice(-20);
      const isAsBefore = answered.length > 20 && last.every((one) => good(one) && one.at > backAt);
      return isAsBefore && breakersIn(mesh, begunAt).open.size === 0;
    },
    { timeoutMs: 150_000 },
  );
  isOver = true;
  await traffic;
  await eventually("every request has an answer", () => underWay.size === 0, { timeoutMs: settledWithinMs });

  const during: Record<string, number> = {};
  for (const { status, code } of answered.filter(({ at }) => at > awayAt && at < backAt)) {
    const name = status === 0 ? "no answer" : [status, code].join(" ").trim();
    during[name] = (during[name] ?? 0) + 1;
  }
  const first = answered.filter((one) => good(one) && one.at >= backAt).map(({ at }) => at);
  const { opened, lastChangeAt } = breakersIn(mesh, begunAt);
  const closedMs = opened === 0 ? 0 : Math.max(0, lastChangeAt - backAt);
  const report = { during, firstMs: Math.min(...first) - backAt, closedMs, opened };
  const shed = answered.filter(({ code }) => code === "SERVICE_UNAVAILABLE");
  process.stdout.write(
    `${what} for ${awayMs / 1000} s at ${1000 / everyMs} requests a second: meanwhile ${JSON.stringify(during)}; ` +
      `first 2xx ${report.firstMs} ms after the database answered; ${opened} breakers had opened, all closed after ${closedMs} ms\n`,
  );
  expect(shed.filter(({ hasRetryAfter }) => !hasRetryAfter)).toEqual([]);
  return report;
}

/** What the gateway's log says of its breakers since a time: how often one opened, and which are not closed now. */
export function breakersIn(mesh: RunningMesh, sinceMs: number) {
  const open = new Set<string>();
  let opened = 0;
  let lastChangeAt = 0;
  for (const line of mesh.lines()) {
    if (!line.includes("a circuit breaker changed")) continue;
    const change = JSON.parse(line) as { ts: string; "service.name"?: string; instanceId: string; state: string };
    const at = Date.parse(change.ts);
    if (at < sinceMs || change["service.name"] !== "gateway") continue;
    if (change.state === "open") opened += 1;
    if (change.state === "closed") open.delete(change.instanceId);
    else open.add(change.instanceId);
    lastChangeAt = at;
  }
  return { open, opened, lastChangeAt };
}
