/** Fixed for good: it is in the rows and in the checks of the tables. */
export const shardCount = 16;

/**
 * The shard of an aggregate: FNV-1a, 32 bits, over the UTF-8 of topic, a zero byte and aggregate id, folded to 4 bits.
 * Source: http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function shardOf(topic: string, aggregateId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${topic}\0${aggregateId}`, "utf8")) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  // The low bits of FNV-1a are its weakest: fold the others into them.
  hash = (hash >>> 16) ^ hash;
  hash = (hash >>> 8) ^ hash;
  hash = (hash >>> 4) ^ hash;
  return hash & (shardCount - 1);
}
