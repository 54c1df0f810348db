/** Choices that a seed decides. */
export interface Random {
  /** From 0, and below 1. */
  next(): number;
  /** A whole number from 0, and below `n`. */
  below(n: number): number;
  chance(probability: number): boolean;
  /** `list` must not be empty. */
  pick<T>(list: readonly T[]): T;
}

/**
 * The stream of numbers of one action: what action `n` draws does not depend on how long another one took.
 * Source: mulberry32 by T. Ettinger (public domain); the start is mixed as in MurmurHash3's finalizer.
 */
export function randomOf(seed: number, n: number): Random {
  let state = mix(seed ^ Math.imul(n + 1, 0x9e3779b1));
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return { next, below, chance: (probability) => next() < probability, pick: (list) => list[below(list.length)]! };
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
