import { randomBytes } from "node:crypto";
import { defineError, option, type Ticker, takeOptions } from "@weft/core";
import { demoShop, loadDemoShop } from "../dev/demo-data.ts";
import { actions, type Stage } from "./actions.ts";
import { gatewayClient } from "./gateway-client.ts";
import { openLoop } from "./open-loop.ts";
import { nextAction } from "./plan.ts";
import { randomOf } from "./random.ts";
import { Shop } from "./shop.ts";
import { type Tally, tally } from "./tally.ts";

export interface DemoParts {
  ticker: Ticker;
  tokens: Stage["tokens"];
  /** Nothing new begins once it is aborted; what is under way is brought to its end. */
  stop: AbortSignal;
  /** What is under way is left as it is. */
  leave: AbortSignal;
  /** The shop is open, and the traffic begins. */
  onOpen(tally: Tally): void;
}

export interface DemoOptions {
  gatewayUrl: string;
  /** Actions a second. */
  perSecond: number;
  seed: number;
  /** Actions under way at once; those beyond are skipped. @defaultValue 256 */
  maxInFlight?: number;
  /** How long the gateway may say nothing at all, in milliseconds. @defaultValue 60000 */
  maxSilenceMs?: number;
}

const rules = { maxInFlight: option.count(256), maxSilenceMs: option.milliseconds(60_000) };
const firstAnswerMs = 5_000;

const GatewayUnreachable = defineError<{ url: string; reason: string }>({
  code: "GATEWAY_UNREACHABLE",
  kind: "unavailable",
  message: ({ url, reason }) => `no gateway answers at ${url} (${reason}): does the mesh run?`,
});

const GatewaySilent = defineError<{ url: string; seconds: number }>({
  code: "GATEWAY_SILENT",
  kind: "unavailable",
  message: ({ url, seconds }) => `the gateway at ${url} has not answered for ${seconds} s: does the mesh still run?`,
});

const TokenRefused = defineError<{ url: string; code: string }>({
  code: "TOKEN_REFUSED",
  kind: "unauthenticated",
  message: ({ url, code }) =>
    `the gateway at ${url} does not take the admin's token (${code}): is it one of this mesh's?`,
});

/**
 * Plays the shop until `stop`: opens it with the demo data that is missing, then does what the plan says, at the rate.
 * @throws GatewayUnreachable   @throws GatewaySilent   @throws TokenRefused   @throws DemoDataRefused
 */
export async function playShop(
  { ticker, tokens, stop, leave, onOpen }: DemoParts,
  options: DemoOptions,
): Promise<Tally> {
  const {
    gatewayUrl: url,
    perSecond,
    seed,
    maxInFlight,
    maxSilenceMs,
  } = takeOptions("options of the demo", rules, options);
  await knock(url, tokens.admin);
  await loadDemoShop(gatewayClient({ ticker, signal: stop }, { url }), tokens.admin, { signal: stop });

  const counts = tally({ clock: ticker });
  const gaveUp = new AbortController();
  const gateway = gatewayClient(
    { ticker, onCall: counts.called, signal: AbortSignal.any([leave, gaveUp.signal]) },
    { url },
  );
  const shop = new Shop({
    warehouses: demoShop.warehouses,
    products: demoShop.products.map(({ productId, sku, categoryId, price }) => ({ productId, sku, categoryId, price })),
    customers: demoShop.customers.map(({ customerId }) => customerId),
    promotions: demoShop.promotions.map(({ promotionId }) => promotionId),
  });
  const run = randomBytes(3).toString("hex");
  let ids = 0;
  const stage: Stage = {
    shop,
    gateway,
    tokens,
    newId: (kind) => `${kind}_${run}_${++ids}`,
    onAcknowledged: counts.acknowledge,
    onDegradedPage: counts.degradedPage,
  };
  const act = async (n: number) => {
    if (gateway.silentMs() > maxSilenceMs) return gaveUp.abort();
    const random = randomOf(seed, n);
    const name = nextAction(shop, random);
    counts.actionBegun();
    counts.actionEnded(name, await actions[name](stage, random));
  };
  const end = AbortSignal.any([stop, gaveUp.signal]);
  end.addEventListener("abort", counts.closed);
  onOpen(counts);
  await openLoop({ ticker, act, onSkip: counts.skipped }, { perSecond, maxInFlight, signal: end });
  if (gaveUp.signal.aborted) throw new GatewaySilent({ url, seconds: maxSilenceMs / 1000 });
  return counts;
}

/** Whether anybody is there who takes the token, before anything is done. */
async function knock(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/customers/${demoShop.customers[0]!.customerId}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(firstAnswerMs),
  }).catch((cause: Error) => {
    const { code, message } = (cause.cause ?? cause) as NodeJS.ErrnoException;
    throw new GatewayUnreachable({ url, reason: typeof code === "string" ? code : message }, { cause });
  });
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new TokenRefused({ url, code: response.status === 401 ? "UNAUTHORIZED" : "FORBIDDEN" });
  }
}
