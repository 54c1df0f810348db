/** A row of the outbox, as far as order is concerned. */
export interface OrderedRow {
  topic: string;
  aggregateId: string;
  sequence: number;
}

export const aggregateKeyOf = ({ topic, aggregateId }: { topic: string; aggregateId: string }): string =>
  `${topic}\0${aggregateId}`;

/** Rows by aggregate, each in the order of its sequence; the aggregates in the order in which they first appear. */
export function byAggregate<R extends OrderedRow>(rows: readonly R[]): Map<string, R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const key = aggregateKeyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  for (const group of groups.values()) group.sort((a, b) => a.sequence - b.sequence);
  return groups;
}

/**
 * The rows whose predecessor is neither right before them in the group nor known to be sent: whether it is pending has to
 * be looked up before they may be sent. What was sent before is a repetition and overtakes nothing.
 * @param group of one aggregate, in order   @param lastSent highest sequence of it that is known to be acknowledged
 */
export function doubtfulRows<R extends OrderedRow>(group: readonly R[], lastSent: number | undefined): R[] {
  let reached = lastSent ?? 0;
  const doubtful: R[] = [];
  for (const row of group) {
    if (row.sequence > reached + 1) doubtful.push(row);
    reached = Math.max(reached, row.sequence);
  }
  return doubtful;
}

/** Rows up to, and without, the first one that `stops`. */
export function prefixUntil<R>(group: readonly R[], stops: (row: R) => boolean): R[] {
  const end = group.findIndex(stops);
  return end === -1 ? [...group] : group.slice(0, end);
}
