import { poll } from "@weft/core";

export interface EventuallyOptions {
  /** Not how long it should take, but after what a loaded machine is no excuse any more. @defaultValue 20000 */
  timeoutMs?: number;
  /** Between two looks, in milliseconds. @defaultValue 25 */
  everyMs?: number;
}

/**
 * Waits for a condition, never for a time: looks until `look` neither throws nor gives `undefined` or `false`.
 * @throws the last thing that `look` threw, or an error that names what was awaited
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 20_000, everyMs = 25 }: EventuallyOptions = {},
): Promise<T> {
  let last: unknown;
  const seen = await poll({ everyMs, forMs: timeoutMs }, async () => {
    try {
      last = undefined;
      const found = await look();
      return found === false || found === undefined ? undefined : { found };
    } catch (error) {
      last = error;
      return undefined;
    }
  });
  if (seen) return seen.found;
  throw new Error(`${what}: not within ${timeoutMs} ms`, last === undefined ? undefined : { cause: last });
}
