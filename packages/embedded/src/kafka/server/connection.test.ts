import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { apis } from "../protocol/apis.ts";
import { serveConnection } from "./connection.ts";
import type { Handlers } from "./context.ts";

let server: Server;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  await once(server, "close");
});

/** ListGroups version 0 whose client id makes it a frame of this size. */
function request(sizeBytes: number): Buffer {
  const frame = Buffer.alloc(4 + sizeBytes);
  frame.writeInt32BE(sizeBytes, 0);
  frame.writeInt16BE(apis.listGroups.key, 4);
  frame.writeInt16BE(sizeBytes - 10, 12);
  return frame;
}

async function serve(handlers: Partial<Handlers>, maxFrameBytes: number): Promise<{ client: Socket; served: Socket }> {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect((server.address() as { port: number }).port, "127.0.0.1");
  const [served] = await accepted;
  sockets.push(client, served);
  const settings = { maxFrameBytes, maxInFlightRequests: 64, idleTimeoutMs: 60_000 };
  serveConnection({ socket: served, handlers: handlers as Handlers, log: silentLogger }, settings);
  return { client, served };
}

it("reads no further while a frame's worth of requests waits, and answers all of them in the end", async () => {
  const frameBytes = 30_000;
  const count = 50;
  const release = Promise.withResolvers<void>();
  let answered = 0;
  const listGroups = async () => {
    await release.promise;
    answered++;
    return { errorCode: 0, groups: [] };
  };
  const { client, served } = await serve({ listGroups } as Partial<Handlers>, frameBytes);
  for (let i = 0; i < count; i++) client.write(request(frameBytes));
  const until = performance.now() + 5000;
  while (!served.isPaused() && performance.now() < until) await sleep(5);
  expect(served.isPaused()).toBe(true);
  expect(served.bytesRead).toBeLessThan((count / 2) * frameBytes);
  release.resolve();
  while (answered < count && performance.now() < until) await sleep(5);
  expect(answered).toBe(count);
});
