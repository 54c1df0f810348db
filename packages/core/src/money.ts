/** An amount in whole cents: sums and comparisons are exact. JSON and `numeric` columns hold units with two decimals. */
export type Cents = number;

/**
 * The largest amount that is taken anywhere, one price as well as what an order costs, in units of the currency. In cents
 * it is far below 2^53, so that every amount up to it is exact, and so are sums of thousands of them.
 */
export const largestAmount = 9_999_999_999.99;

/** Rounded half up to whole cents, by the decimal that the number is written as: 1.005 is 101 cents. */
export function toCents(amount: number): Cents {
  const cents = Math.round(amount * 100);
  if (cents / 100 === amount) return cents;
  // The product may lie on the other side of half a cent than the decimal does: 1.005 * 100 is 100.49999999999999.
  const shifted = Number(`${amount}e2`);
  return Number.isNaN(shifted) ? cents : Math.round(shifted);
}

export const fromCents = (cents: Cents): number => cents / 100;

/** @param percent with at most two decimals; the result is rounded half up */
export function percentOf(cents: Cents, percent: number): Cents {
  // Cents times hundredths of a percent may pass 2^53.
  return Number((BigInt(cents) * BigInt(Math.round(percent * 100)) + 5_000n) / 10_000n);
}
