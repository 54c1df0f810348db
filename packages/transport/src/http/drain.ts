import type { Server } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { poll } from "@weft/core";

/** How often open connections are looked at, in milliseconds. */
const lookEveryMs = 10;
/** A connection that says nothing for so long after the last answer is cut, in milliseconds. */
const quietMs = 200;

/**
 * Takes no new connection, finishes what is in hand and closes every connection, in at most `timeoutMs`.
 * A connection that is open but has not sent its request yet may be about to: it is cut only when all has been quiet for
 * a while, for cutting it earlier loses the request that is under way on it.
 * @param owed how many answers are still owed
 * @returns how many of them were cut
 */
export async function drainServer(server: Server, owed: () => number, timeoutMs: number): Promise<number> {
  if (!server.listening) return 0;
  await acceptWaiting(server);
  let isClosed = false;
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      isClosed = true;
      resolve();
    }),
  );
  let busyAt = performance.now();
  await poll({ everyMs: lookEveryMs, forMs: timeoutMs }, () => {
    if (owed() > 0) busyAt = performance.now();
    if (isClosed || performance.now() - busyAt >= quietMs) return true;
    server.closeIdleConnections();
    return undefined;
  });
  const cut = owed();
  server.closeAllConnections();
  await closed;
  return cut;
}

/**
 * What the kernel has accepted for us would be reset by closing, and Node takes one connection in a turn of its loop. So
 * the loop turns until five turns in a row brought nobody, at most 500 times.
 */
async function acceptWaiting(server: Server): Promise<void> {
  let quietTurns = 0;
  const onConnection = () => {
    quietTurns = 0;
  };
  server.on("connection", onConnection);
  for (let turns = 0; turns < 500 && quietTurns < 5; turns += 1) {
    quietTurns += 1;
    await turn();
  }
  server.off("connection", onConnection);
}
