import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that systems give to outgoing connections (from 32768 on Linux): a client that knocks at a server which is
// down could otherwise be given that very port, and then nobody could listen there again. Workers of jest have a quarter each:
// a port is not held until its server listens, which may be seconds after it was chosen.
const quarter = 3_000;
const from = 20_000 + quarter * (Number(process.env.JEST_WORKER_ID ?? 0) % 4);
const range = { from, to: from + quarter };

const given = new Set<number>();

/** A port that nobody listens on now, and that stays free for a server that goes down and comes back. Never the same twice. */
export async function hostPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(range.from, range.to);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port between ${range.from} and ${range.to}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "0.0.0.0", () => probe.close(() => resolve(true)));
  });
}
