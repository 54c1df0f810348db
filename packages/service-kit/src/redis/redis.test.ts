import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { OptionsInvalid, poll, silentLogger } from "@weft/core";
import { redisMemory, type SharedMemory } from "./redis.ts";

/** Says OK to everything, as far as a client needs it to be ready. */
function okServer(): Server {
  return createServer((socket) => {
    socket.on("error", () => {});
    socket.setEncoding("utf8").on("data", (text: string) => {
      for (const _command of text.matchAll(/^\*\d+\r$/gm)) socket.write("+OK\r\n");
    });
  });
}

let server: Server;
let memory: SharedMemory;
let logged: { err: unknown; text: string }[];

beforeEach(async () => {
  logged = [];
  server = okServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const note = ({ err }: Record<string, unknown>, text = "") => void logged.push({ err, text });
  const { port } = server.address() as AddressInfo;
  const log = { ...silentLogger, warn: note, error: note };
  memory = redisMemory({ log }, { host: "127.0.0.1", port, timeoutMs: 5_000 });
  await memory.start();
  await poll({ everyMs: 5, forMs: 5_000 }, async () => (await memory.ask((redis) => redis.set("a", "b"))) ?? undefined);
  logged.length = 0; // a slow start may have been told
});

afterEach(async () => {
  await memory.stop();
  server.close();
});

describe("memory in Redis", () => {
  it("does not call Redis away for an error of the program in a question: it logs that once, with its stack", async () => {
    const bug = new TypeError("x is not a function");
    for (let n = 0; n < 3; n += 1) {
      const asked = memory.ask(async () => {
        throw bug;
      });
      expect(await asked).toBeUndefined();
    }
    expect(logged).toEqual([{ err: bug, text: "what was asked of Redis fails, and Redis is not why" }]);
    expect(await memory.health?.()).toEqual({ status: "healthy" });
    expect(await memory.ask((redis) => redis.set("a", "b"))).toEqual({ answer: "OK" });
  });

  it("refuses options that are wrong, all together", () => {
    const wrong = () => redisMemory({ log: silentLogger }, { host: "", port: 1, timeoutMs: 3e9, maxInFlight: 0 });
    expect(wrong).toThrow(OptionsInvalid);
    expect(wrong).toThrow(/host.*timeoutMs.*maxInFlight/);
  });
});
