import type { Cents } from "@weft/core";

/** From the lowest to the highest. */
export const tiers = ["bronze", "silver", "gold", "platinum"] as const;
export type Tier = (typeof tiers)[number];

/** Lifetime spend from which on a customer has at least this tier. */
const thresholds: Record<Tier, Cents> = { bronze: 0, silver: 1_000_00, gold: 5_000_00, platinum: 20_000_00 };

/** The higher of the tier that a customer has and the one that the spend earns: spending never lowers it. */
export function raised(current: Tier, lifetimeSpend: Cents): Tier {
  return tiers.findLast((tier) => tier === current || lifetimeSpend >= thresholds[tier])!;
}
