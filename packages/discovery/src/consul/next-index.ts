/**
 * The index to ask with next, and whether it means a reset. An index that is missing, not a number, 0 or behind the one
 * that was asked with cannot be waited on: the next query starts from nothing. Never 0 itself, which Consul takes for "now".
 * Source: Consul HTTP API, "Blocking Queries", "Implementation Details".
 */
export function nextIndex(
  asked: number | undefined,
  answered: unknown,
): { index: number | undefined; isReset: boolean } {
  const index = typeof answered === "string" && /^\d{1,15}$/.test(answered) ? Number(answered) : 0;
  if (index < 1 || (asked !== undefined && index < asked)) return { index: undefined, isReset: true };
  return { index, isReset: false };
}
