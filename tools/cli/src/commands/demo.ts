import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TimeLimit, timeLimit } from "@weft/core";
import { Command, InvalidArgumentError, Option } from "commander";
import { decodeJwt } from "jose";
import { httpUrl } from "../addresses.ts";
import { playShop } from "../demo/demo.ts";
import { monotonicTicker } from "../demo/monotonic-ticker.ts";
import { liveLine, summary } from "../demo/report.ts";
import type { Tally } from "../demo/tally.ts";
import { developmentKey, mintToken } from "../dev/tokens.ts";
import { stateDirectory } from "../layout.ts";
import { readRuntime } from "../runtime.ts";
import { WrongUse } from "../wrong-use.ts";
import { note, print } from "./print.ts";

interface WhichMesh {
  gateway?: string;
  adminToken?: string;
  customerToken?: string;
}

interface DemoCommandOptions extends WhichMesh {
  rate: number;
  /** In milliseconds. */
  duration?: number;
  seed?: number;
  json?: boolean;
}

const maxRate = 1_000;
const lineEveryMs = { terminal: 500, otherwise: 5_000 };
/** One Ctrl-C arrives several times: from the terminal, and again from each program in between that forwards it. */
const sameSignalMs = 1_000;

export function demoCommand(): Command {
  return new Command("demo")
    .description("play the shop through the gateway until Ctrl-C: browse, apply, ship, review, moderate")
    .option("--rate <n>", `actions a second, at most ${maxRate}; one is a request or several`, rateOf, 5)
    .option("--duration <time>", "end by itself after 30s, 5m, 1h", durationOf)
    .option("--seed <n>", "makes the same choices again; ids are new in each run", seedOf)
    .addOption(new Option("--gateway <url>", "a mesh that runs elsewhere").env("WEFT_GATEWAY_URL"))
    .addOption(new Option("--admin-token <jwt>", "for that mesh").env("WEFT_ADMIN_TOKEN"))
    .addOption(new Option("--customer-token <jwt>", "for that mesh, of one customer").env("WEFT_CUSTOMER_TOKEN"))
    .option("--json", "a line of JSON each 5 s, and one at the end with what was acknowledged")
    .allowExcessArguments(false)
    .action(demo);
}

/** Plays until a signal or the end of the duration; the second signal does not wait for what is under way. */
async function demo({ rate, duration, seed = randomInt(2 ** 31), json = false, ...where }: DemoCommandOptions) {
  const { gatewayUrl, tokens } = await meshOf(where);
  const stop = new AbortController();
  const leave = new AbortController();
  let firstAt: number | undefined;
  const onSignal = () => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt > sameSignalMs) leave.abort();
    stop.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);

  const isTerminal = process.stdout.isTTY === true && !json;
  let counts: Tally | undefined;
  let telling: NodeJS.Timeout | undefined;
  let limit: TimeLimit | undefined;
  const tell = () => {
    if (counts === undefined) return;
    const figures = counts.figures();
    if (json) print(JSON.stringify(figures));
    else if (isTerminal) process.stdout.write(`\r\u001b[K${liveLine(figures, process.stdout.columns || undefined)}`);
    else print(liveLine(figures));
  };
  stop.signal.addEventListener("abort", () => {
    const underWay = counts?.figures().underWay ?? 0;
    if (underWay > 0) note(`\nbringing ${underWay} actions to their end; Ctrl-C again leaves them`);
  });
  try {
    await playShop(
      {
        ticker: monotonicTicker,
        tokens,
        stop: stop.signal,
        leave: leave.signal,
        onOpen(open) {
          counts = open;
          note(`the shop is open: ${rate} actions a second through ${gatewayUrl}, seed ${seed}; Ctrl-C ends it`);
          telling = setInterval(tell, isTerminal ? lineEveryMs.terminal : lineEveryMs.otherwise);
          if (duration === undefined) return;
          limit = timeLimit(duration, () => undefined);
          limit.signal.addEventListener("abort", () => stop.abort());
        },
      },
      { gatewayUrl, perSecond: rate, seed },
    );
  } catch (error) {
    // Stopped before it was open: nothing has been played, and nothing has failed.
    if (counts !== undefined || !stop.signal.aborted) throw error;
  } finally {
    clearInterval(telling);
    limit?.clear();
    if (counts !== undefined) tellSummary(counts, { rate, seed, json, isTerminal });
  }
}

function tellSummary(
  counts: Tally,
  { rate, seed, json, isTerminal }: { rate: number; seed: number; json: boolean; isTerminal: boolean },
): void {
  const figures = counts.figures();
  if (json) print(JSON.stringify({ ...figures, seed, rate, isSummary: true, writes: counts.acknowledged() }));
  else print(`${isTerminal ? "\r\u001b[K" : "\n"}${summary(figures, { perSecond: rate })}`);
}

/** The mesh that runs here, unless another gateway is named. @throws NothingRuns   @throws WrongUse */
async function meshOf({ gateway, adminToken, customerToken }: WhichMesh) {
  if (gateway !== undefined) {
    if (adminToken === undefined) {
      throw new WrongUse({ message: "--gateway also needs --admin-token, a token of that mesh in the role admin" });
    }
    const url = httpUrl("--gateway", gateway).replace(/\/+$/, "");
    return { gatewayUrl: url, tokens: given(adminToken, customerToken) };
  }
  const runtime = readRuntime(stateDirectory);
  const keyFile = join(stateDirectory, "keys", "jwt.jwk.json");
  const { admin, customer } = runtime.tokens;
  const gatewayUrl = runtime.gateway.url;
  if (!existsSync(keyFile)) return { gatewayUrl, tokens: given(admin, customer) };
  const key = await developmentKey(keyFile);
  return {
    gatewayUrl,
    tokens: { admin, of: (customerId: string) => mintToken(key, customerId, "customer") },
  };
}

/** One customer speaks for itself; for the others the admin does. */
function given(admin: string, customer: string | undefined) {
  const subject = customer === undefined ? undefined : subjectOf(customer);
  return { admin, of: async (customerId: string) => (customerId === subject ? customer! : admin) };
}

function subjectOf(token: string): string | undefined {
  try {
    return decodeJwt(token).sub;
  } catch (cause) {
    throw new WrongUse({ message: "--customer-token is not a JWT" }, { cause });
  }
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && rate <= maxRate)) throw new InvalidArgumentError(`it takes a number above 0, at most ${maxRate}.`);
  return rate;
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const maxDurationMs = 24 * unitMs.h;

function durationOf(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(amount) * unitMs[unit as keyof typeof unitMs];
  if (!(ms > 0 && ms <= maxDurationMs)) throw new InvalidArgumentError("write it like 30s, 5m or 1h, at most 24h.");
  return ms;
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new InvalidArgumentError("it takes a whole number from 0 to 4294967295.");
  }
  return seed;
}
