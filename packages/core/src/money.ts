/** An amount in whole cents: sums and comparisons are exact. JSON and `numeric` columns hold units with two decimals. */
export type Cents = number;

export const toCents = (amount: number): Cents => Math.round(amount * 100);

export const fromCents = (cents: Cents): number => cents / 100;

/** @param percent with at most two decimals; the result is rounded half up */
export function percentOf(cents: Cents, percent: number): Cents {
  // Cents times hundredths of a percent may pass 2^53.
  return Number((BigInt(cents) * BigInt(Math.round(percent * 100)) + 5_000n) / 10_000n);
}
