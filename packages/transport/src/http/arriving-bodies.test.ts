import { connect } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { Unauthorized } from "@weft/core";
import { rawAnswer } from "../testing/raw.ts";
import { serve, stopServed } from "../testing/serve.ts";
import { post, things } from "../testing/things.ts";
import type { RawRoute } from "./route.ts";

afterEach(stopServed);

/** Announces a body and sends only the beginning of it. */
async function halfPost(port: number, path: string, beginning = "", length = 20) {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket
    .on("error", () => {})
    .on("data", (chunk) => {
      text += chunk;
    });
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  await new Promise((resolve) => socket.write(head + beginning, resolve));
  return { socket, closed, text: () => text };
}
const raw: RawRoute = {
  prefix: "/raw",
  begin: async () => async () => ({ status: 200, headers: {}, body: Buffer.from("raw") }),
};
/** What was sent before has been read: each answer takes this process through its sockets. */
const roundTrips = async (url: string) => {
  for (let trip = 0; trip < 5; trip++) await (await fetch(`${url}/health`)).arrayBuffer();
};
const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("bodies that are still arriving", () => {
  it.each(["/v1/things", "/raw"])("keeps its places for requests that have arrived: %s", async (path) => {
    const { server, url } = await serve({ routes: things, rawRoutes: [raw], maxConcurrent: 2, timeoutMs: 400 });
    const silent = await Promise.all([1, 2, 3, 4].map(() => halfPost(server.address().port, path)));
    await roundTrips(url);
    expect((await post(`${url}/v1/things`, { name: "a" })).status).toBe(201);
    expect((await fetch(`${url}/raw`)).status).toBe(200);
    await until(() => silent.every(({ text }) => text().includes('"TIMEOUT"')));
    for (const { socket } of silent) socket.destroy();
  });

  it("reads no body while it starts", async () => {
    const { server } = await serve({ routes: things });
    server.setReady("migrations are running");
    const { socket, text } = await halfPost(server.address().port, "/v1/things");
    await until(() => text() !== "");
    expect(text()).toMatch(/^HTTP\/1.1 503 .*migrations are running/s);
    socket.destroy();
  });

  it("bounds what all arriving bodies hold, and has it back when they are gone", async () => {
    const { server, url } = await serve({ routes: things, maxConcurrent: 1, bodyLimitBytes: 1000 });
    const held = await halfPost(server.address().port, "/v1/things", "x".repeat(990), 1000);
    await roundTrips(url);
    const refused = await post(`${url}/v1/things`, { name: "a" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    held.socket.destroy();
    await until(async () => (await post(`${url}/v1/things`, { name: "a" })).status === 201);
  });

  it("finishes a request whose body arrives while it drains, and waits no longer than its bound", async () => {
    const { server, url } = await serve({ routes: things });
    const { port } = server.address();
    const [ending, hanging] = [await halfPost(port, "/v1/things", '{"name":'), await halfPost(port, "/v1/things")];
    await roundTrips(url);
    const started = performance.now();
    const drained = server.drain(2_000);
    ending.socket.write(`"a"${" ".repeat(8)}}`);
    expect(await ending.closed).toMatch(/^HTTP\/1.1 201 .*Connection: close/s);
    expect(await drained).toBe(1);
    // Its request has 15 s.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await hanging.closed).toBe("");
  });

  const guarded: RawRoute = {
    prefix: "/guarded",
    async begin({ headers }) {
      if (headers.authorization !== "Bearer good") throw new Unauthorized({});
      return async (body) => ({ status: 200, headers: {}, body });
    },
  };
  const expecting = (more: string, length: number) =>
    `POST /guarded HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n${more}Content-Length: ${length}\r\n\r\n`;

  it("does not wait for the body of what a raw route refuses by its headers", async () => {
    const { server } = await serve({ rawRoutes: [guarded] });
    const { closed } = await halfPost(server.address().port, "/guarded", "x".repeat(100), 1_000_000);
    expect(await closed).toMatch(/^HTTP\/1.1 401 .*WWW-Authenticate: Bearer\r\n.*"UNAUTHORIZED"/s);
  });

  it.each([
    ["", 100, /^HTTP\/1.1 401 .*WWW-Authenticate: Bearer\r\n/s],
    ["Authorization: Bearer bad\r\n", 100, /^HTTP\/1.1 401 .*WWW-Authenticate: Bearer error="invalid_token"\r\n/s],
    ["Authorization: Basic eDp5\r\n", 100, /^HTTP\/1.1 401 .*WWW-Authenticate: Bearer\r\n/s],
    ["Authorization: Bearer good\r\n", 1_048_577, /^HTTP\/1.1 413 /],
  ])(
    "refuses with %j a body of %d bytes that waits for 100 Continue, and does not ask for it",
    async (more, length, answer) => {
      const { server } = await serve({ rawRoutes: [guarded] });
      const said = await rawAnswer(server.address().port, expecting(more, length));
      expect(said).toMatch(answer);
      // The next bytes on this connection could be the body or another request.
      expect(said).toContain("Connection: close");
    },
  );

  it("asks with 100 Continue for a body that waits for it and is wanted", async () => {
    const { server } = await serve({ routes: things, rawRoutes: [guarded] });
    const socket = connect(server.address().port, "127.0.0.1");
    let said = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      said += chunk;
      if (said === "HTTP/1.1 100 Continue\r\n\r\n") socket.write("hello");
    });
    socket.write(expecting("Authorization: Bearer good\r\n", 5));
    await new Promise((resolve) => socket.on("close", resolve));
    expect(said).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n.*\r\n\r\nhello$/s);
  });
});
