import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { readCheck } from "./definitions.ts";
import { decodeHealthResponse, encodeHealthRequest, probe } from "./probes.ts";

const never = new AbortController().signal;
const look = (fields: Record<string, unknown>) =>
  probe(readCheck({ interval: "10s", timeout: "10s", ...fields }, { id: "c", name: "c" }), never);

describe("probes", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  async function http(answer: Parameters<typeof createServer>[1]): Promise<string> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  it("send the method, the body and the headers that were asked for", async () => {
    const url = await http((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () =>
        response.end(`${request.method} ${request.headers["x-a"]} ${request.headers.host} ${body}`),
      );
    });
    const { status, output } = await look({
      http: url,
      method: "POST",
      body: "hi",
      header: { "X-A": ["1"], Host: ["named.example"] },
    });
    expect([status, output]).toEqual(["passing", `HTTP POST ${url}: 200 OK Output: POST 1 named.example hi`]);
  });

  it("keep only the beginning of a long answer", async () => {
    const url = await http((_, response) => response.end("x".repeat(1_000_000)));
    expect((await look({ http: url })).output.length).toBeLessThan(4300);
  });

  it("follow redirects, unless told not to, and not for ever", async () => {
    const url = await http((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: "/there" }).end();
      else if (request.url === "/circle") response.writeHead(302, { location: "/circle" }).end();
      else response.end("ok");
    });
    expect((await look({ http: `${url}/` })).status).toBe("passing");
    expect((await look({ http: `${url}/`, disableredirects: true })).status).toBe("critical");
    expect((await look({ http: `${url}/circle` })).output).toContain("redirects");
  });

  it("are critical when nothing answers in time", async () => {
    const url = await http(() => {});
    const { status, output } = await look({ http: url, timeout: "50ms" });
    expect([status, output]).toEqual(["critical", `Get "${url}": no answer within 50 ms`]);
  });

  it.each([1000.9999999999999, 2 ** 33, 2 ** 53])(
    "take a timeout of %d ms, as an earlier version stored it",
    async (timeoutMs) => {
      const check = readCheck(
        { interval: "10s", http: await http((_, response) => response.end()) },
        { id: "c", name: "c" },
      );
      expect((await probe({ ...check, timeoutMs }, never)).status).toBe("passing");
    },
  );

  it("connect over TCP", async () => {
    const server = createTcpServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect((await look({ tcp: `127.0.0.1:${port}` })).status).toBe("passing");
    await new Promise((resolve) => server.close(resolve));
    expect(await look({ tcp: `127.0.0.1:${port}` })).toMatchObject({
      status: "critical",
      output: expect.stringContaining("dial tcp"),
    });
  });

  it("ask a gRPC server for its health, by service", async () => {
    const server = new Server();
    const names: string[] = [];
    server.register(
      "/grpc.health.v1.Health/Check",
      (call: { request: { service: string } }, done: (error: null, status: number) => void) => {
        names.push(call.request.service);
        done(null, call.request.service === "down" ? 2 : 1);
      },
      (status: number) => Buffer.from([0x08, status]),
      (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
      "unary",
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    expect((await look({ grpc: `127.0.0.1:${port}` })).status).toBe("passing");
    expect((await look({ grpc: `127.0.0.1:${port}/up` })).status).toBe("passing");
    expect(await look({ grpc: `127.0.0.1:${port}/down` })).toMatchObject({
      status: "critical",
      output: expect.stringContaining("NOT_SERVING"),
    });
    server.forceShutdown();
    expect((await look({ grpc: `127.0.0.1:${port}` })).status).toBe("critical");
    expect(names).toEqual(["", "up", "down"]);
  });

  it("write and read the health messages as Protocol Buffers do", () => {
    expect(encodeHealthRequest("a")).toEqual(Buffer.from([0x0a, 1, 97]));
    expect(encodeHealthRequest("x".repeat(200)).subarray(0, 3)).toEqual(Buffer.from([0x0a, 0xc8, 0x01]));
    expect([decodeHealthResponse(Buffer.from([0x08, 1])), decodeHealthResponse(Buffer.alloc(0))]).toEqual([1, 0]);
  });
});
