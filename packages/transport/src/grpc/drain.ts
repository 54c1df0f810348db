import type { Server } from "@grpc/grpc-js";
import { poll, within } from "@weft/core";

/** How often what is in hand is looked at, in milliseconds. */
const lookEveryMs = 10;
/** A connection that is still open so long after the last answer has only a watcher of health on it, in milliseconds. */
const quietMs = 200;

/**
 * Takes no new connection, sends GOAWAY on every one (its client goes elsewhere, and asks again what was never taken up) and
 * finishes what is in hand, in at most `timeoutMs`.
 * @param calls.owed how many answers are still owed
 * @param calls.cut gives them all, as errors
 * @returns how many were cut
 */
export async function drainGrpc(
  server: Server,
  calls: { owed(): number; cut(): void },
  timeoutMs: number,
): Promise<number> {
  let isClosed = false;
  const closed = new Promise<void>((resolve) =>
    server.tryShutdown(() => {
      isClosed = true;
      resolve();
    }),
  );
  let busyAt = performance.now();
  await poll({ everyMs: lookEveryMs, forMs: timeoutMs }, () => {
    if (calls.owed() > 0) busyAt = performance.now();
    return isClosed || performance.now() - busyAt >= quietMs || undefined;
  });
  const cut = calls.owed();
  if (cut > 0) {
    // Closing a connection that is being closed does not end its calls (Node only half-closes the socket); an answer does.
    calls.cut();
    await within(quietMs, closed, () => {});
  }
  server.forceShutdown();
  return cut;
}
