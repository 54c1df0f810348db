import type { Database } from "@weft/outbox";
import type { Sent } from "./fixtures.ts";

/** What a deliberately wrong relay has sent, until it is told that no more comes. */
export interface WrongRelay {
  log: Pick<Sent, "aggregateId" | "sequence">[];
  finish(): Promise<void>;
}

type EventRow = { id: number; aggregate_id: string; event_sequence: number };
const select = "SELECT id, aggregate_id, event_sequence FROM weft.outbox";
const asSent = ({ aggregate_id, event_sequence }: EventRow) => ({
  aggregateId: aggregate_id,
  sequence: event_sequence,
});

function looping(round: () => Promise<number>, relays = 1): Pick<WrongRelay, "finish"> {
  let isFinishing = false;
  // Ends with an empty round that began after the last commit: one on its way when it came looked at an older snapshot.
  const loops = Array.from({ length: relays }, async () => {
    for (let found = 1, isLast = false; found > 0 || !isLast; ) {
      isLast = isFinishing;
      found = await round();
    }
  });
  return {
    async finish() {
      isFinishing = true;
      await Promise.all(loops);
    },
  };
}

/** E1: pages by id. A transaction that drew a lower id and commits later is never seen. */
export function cursorRelay(database: Database): WrongRelay {
  const log: WrongRelay["log"] = [];
  let last = 0;
  const round = async () => {
    const { rows } = await database.query<EventRow>(`${select} WHERE id > $1 ORDER BY id LIMIT 200`, [last]);
    last = rows.at(-1)?.id ?? last;
    log.push(...rows.map(asSent));
    return rows.length;
  };
  return { log, ...looping(round) };
}

/** E2: several relays take what is not locked. Two batches of one aggregate are on their way at once. */
export function skipLockedRelays(database: Database, relays: number): WrongRelay {
  const log: WrongRelay["log"] = [];
  const round = () =>
    database.transaction(async (tx) => {
      const { rows } = await tx.query<EventRow>(
        `${select} WHERE published_at IS NULL ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED`,
      );
      await tx.query("UPDATE weft.outbox SET published_at = clock_timestamp() WHERE id = ANY ($1::bigint[])", [
        rows.map(({ id }) => id),
      ]);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 8)); // the broker's answer
      log.push(...rows.map(asSent));
      return rows.length;
    });
  return { log, ...looping(round, relays) };
}

/** E3: claims what is pending, so that it loses nothing, and sends it in the order of its ids. */
export function idOrderRelay(database: Database): WrongRelay {
  const log: WrongRelay["log"] = [];
  const round = async () => {
    const { rows } = await database.query<EventRow>(`${select} WHERE published_at IS NULL ORDER BY id LIMIT 200`);
    log.push(...rows.map(asSent));
    await database.query("UPDATE weft.outbox SET published_at = clock_timestamp() WHERE id = ANY ($1::bigint[])", [
      rows.map(({ id }) => id),
    ]);
    return rows.length;
  };
  return { log, ...looping(round) };
}
