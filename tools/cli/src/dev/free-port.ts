import { createServer } from "node:net";

/** Whether a server can listen there now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

function anyFree(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port: 0, host: "127.0.0.1" }, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

export interface PortChoice {
  port: number;
  /** The port that was wanted and is taken by another program. */
  taken?: number;
}

/** Hands out ports on loopback: the wanted one, or a free one where it is busy. Never the same twice. */
export function portChooser(): (wanted: number) => Promise<PortChoice> {
  const given = new Set<number>();
  const free = async (): Promise<number> => {
    for (;;) {
      const port = await anyFree();
      if (!given.has(port)) return port;
    }
  };
  return async (wanted) => {
    const usable = wanted !== 0 && !given.has(wanted) && (await isFree(wanted));
    const port = usable ? wanted : await free();
    given.add(port);
    return { port, ...(usable || wanted === 0 ? {} : { taken: wanted }) };
  };
}
