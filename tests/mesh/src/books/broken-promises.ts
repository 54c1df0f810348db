import { fromCents, toCents } from "@weft/core";
import { eventually } from "@weft/testkit";
import type { CarefulTraffic } from "./careful-traffic.ts";
import type { Answers } from "./compare.ts";
import type { Difference } from "./recompute.ts";

/** What careful callers were told is done and is not, or is done twice, by what they themselves remember. */
export async function brokenPromises(
  { customers, applied, prices }: Pick<CarefulTraffic, "customers" | "applied" | "prices">,
  { get, rows }: Answers,
): Promise<Difference[]> {
  const broken: Difference[] = [];
  const effects = await rows<{ aggregate_id: string; times: number }>(
    "customer",
    `SELECT aggregate_id, count(*)::int AS times FROM weft.inbox_effects
      WHERE event_type = 'PromotionApplied' AND aggregate_id LIKE 'order\\_careful\\_%' GROUP BY aggregate_id`,
  );
  const timesOf = new Map(effects.map(({ aggregate_id, times }) => [aggregate_id, times]));
  for (const orderId of new Set([...applied.keys(), ...timesOf.keys()])) {
    const expected = applied.has(orderId) ? 1 : 0;
    const answered = timesOf.get(orderId) ?? 0;
    if (answered !== expected) broken.push({ what: `${orderId}: effects`, expected, answered });
  }
  for (const customerId of customers) {
    const orders = [...applied.values()].filter((order) => order.customerId === customerId);
    const expected = fromCents(orders.reduce((cents, { finalAmount }) => cents + toCents(finalAmount), 0));
    const answered = (await get(`/v1/customers/${customerId}`)).data.customer.lifetimeSpend;
    if (answered !== expected) broken.push({ what: `${customerId}: lifetimeSpend`, expected, answered });
  }
  for (const [productId, expected] of prices) {
    // A page goes without a price that is late.
    const answered = await eventually(
      `the page of ${productId} has a price`,
      async () => (await get(`/v1/catalog/products/${productId}`)).data.pricing?.basePrice ?? undefined,
    );
    if (answered !== expected) broken.push({ what: `${productId}: price`, expected, answered });
  }
  return broken;
}
