import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { portChooser } from "./free-port.ts";

const servers: Server[] = [];
const listen = (host: string) =>
  new Promise<number>((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen({ port: 0, host }, () => resolve((server.address() as { port: number }).port));
  });

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe("portChooser", () => {
  it("gives the wanted port where it is free, and says nothing", async () => {
    const port = await listen("127.0.0.1");
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await portChooser()(port)).toEqual({ port });
  });

  it.each(["127.0.0.1", "0.0.0.0"])(
    "gives another where a program listens on %s, and says which was taken",
    async (host) => {
      const port = await listen(host);
      const choice = await portChooser()(port);
      expect(choice.taken).toBe(port);
      expect(choice.port).not.toBe(port);
    },
  );

  it("never gives the same port twice, although nobody listens yet", async () => {
    const choose = portChooser();
    const first = await choose(0);
    const second = await choose(first.port);
    expect(second).toEqual({ port: expect.any(Number), taken: first.port });
    const more = await Promise.all(Array.from({ length: 20 }, () => choose(0)));
    expect(new Set([first, second, ...more].map(({ port }) => port)).size).toBe(22);
    expect(more.every(({ taken }) => taken === undefined)).toBe(true);
  });
});
