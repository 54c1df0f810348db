import type { Socket } from "node:net";
import type { Logger } from "@weft/core";
import { Malformed } from "../bytes/malformed.ts";
import type { BrokerSettings } from "../options.ts";
import type { Client, Handlers } from "./context.ts";
import { FrameParser } from "./frames.ts";
import { readRequest, writeResponse } from "./requests.ts";

type ConnectionSettings = Pick<BrokerSettings, "maxFrameBytes" | "maxInFlightRequests" | "idleTimeoutMs">;

/**
 * Serves one connection. Requests are answered one after the other in the order they came, as Kafka does: a fetch that waits
 * holds up what is behind it. What comes meanwhile is queued up to a bound; then the socket is not read any more.
 */
export function serveConnection(
  { socket, handlers, log }: { socket: Socket; handlers: Handlers; log: Logger },
  settings: ConnectionSettings,
): void {
  const parser = new FrameParser(settings.maxFrameBytes);
  const queue: Buffer[] = [];
  let queuedBytes = 0;
  const closing = new Set<() => void>();
  let isBusy = false;
  let isClosed = false;
  const remote = `${socket.remoteAddress}:${socket.remotePort}`;

  let clientId = "";

  const client: Client = {
    get id() {
      return clientId;
    },
    host: `/${socket.remoteAddress ?? ""}`,
    get isClosed() {
      return isClosed;
    },
    onClose(callback) {
      if (isClosed) queueMicrotask(callback);
      else closing.add(callback);
      return () => closing.delete(callback);
    },
    disconnect(reason) {
      log.debug({ remote, reason }, "closing a connection");
      socket.destroy();
    },
  };

  const giveUp = (error: unknown) => {
    if (isClosed) return;
    if (error instanceof Malformed)
      log.warn({ remote, client: client.id, reason: error.message }, "closed a connection: its request cannot be read");
    else log.error({ err: error, remote, client: client.id }, "closed a connection: a request failed unexpectedly");
    socket.destroy();
  };

  const send = (pieces: Buffer[]): boolean => {
    socket.cork();
    let hasRoom = true;
    for (const piece of pieces) hasRoom = socket.write(piece);
    socket.uncork();
    return hasRoom;
  };
  const drained = () =>
    new Promise<void>((resolve) => {
      const done = () => {
        closing.delete(done);
        socket.off("drain", done);
        resolve();
      };
      closing.add(done);
      socket.once("drain", done);
    });

  const work = async () => {
    for (let frame = queue.shift(); frame && !isClosed; frame = queue.shift()) {
      queuedBytes -= frame.length;
      const request = readRequest(frame);
      clientId = request.clientId;
      const handle = handlers[request.name] as (body: unknown, client: Client) => unknown;
      const answer = handle(request.body, client);
      const response = (answer instanceof Promise ? await answer : answer) as object | undefined;
      if (isClosed) return;
      if (response && !send(writeResponse(request, response))) await drained();
      if (socket.isPaused() && fullness() < 0.5) socket.resume();
    }
  };
  /** Of the queue, by requests or by bytes; 1 and more is full. */
  const fullness = () => Math.max(queue.length / settings.maxInFlightRequests, queuedBytes / settings.maxFrameBytes);
  const workUnlessBusy = () => {
    if (isBusy) return;
    isBusy = true;
    work()
      .catch(giveUp)
      .finally(() => {
        isBusy = false;
      });
  };

  socket.setNoDelay(true);
  socket.setTimeout(settings.idleTimeoutMs, () => client.disconnect("nothing was said for too long"));
  socket.on("data", (chunk) => {
    try {
      for (const frame of parser.push(chunk)) {
        queue.push(frame);
        queuedBytes += frame.length;
      }
    } catch (error) {
      giveUp(error);
      return;
    }
    if (fullness() >= 1) socket.pause();
    if (queue.length > 0) workUnlessBusy();
  });
  socket.on("error", (err) => log.debug({ err, remote }, "a connection broke"));
  socket.on("close", () => {
    isClosed = true;
    queue.length = 0;
    for (const callback of [...closing]) callback();
    closing.clear();
  });
}
