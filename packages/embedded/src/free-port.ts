import { createServer } from "node:net";
import { listenError } from "./errors.ts";

/**
 * For a server that cannot choose a port itself: the port asked for, if nobody has it, or a free one for 0.
 * @throws EmbeddedPortInUse
 */
export function choosePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => reject(listenError(error, host, port)));
    probe.listen({ host, port, exclusive: true }, () => {
      const { port: chosen } = probe.address() as { port: number };
      probe.close(() => resolve(chosen));
    });
  });
}
