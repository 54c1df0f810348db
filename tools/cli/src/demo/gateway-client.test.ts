import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import type { Ticker } from "@weft/core";
import { type CallReport, gatewayClient } from "./gateway-client.ts";

let server: Server | undefined;
afterEach(async () => {
  jest.restoreAllMocks();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

const json = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const refusal = (code: string) => ({ success: false, error: { code, message: code } });

/** A gateway that answers each request with the next of `answers`, and a client whose pauses take no time. */
async function client(answers: ((response: ServerResponse) => void)[], options: { giveUpAfterMs?: number } = {}) {
  const requests: IncomingMessage[] = [];
  const listening = createServer((request, response) => {
    requests.push(request);
    (answers[requests.length - 1] ?? answers.at(-1)!)(response);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  let now = 0;
  const pauses: number[] = [];
  const ticker: Ticker = {
    nowMs: () => now,
    async pause(ms) {
      pauses.push(ms);
      now += ms;
    },
  };
  const reports: CallReport[] = [];
  const leave = new AbortController();
  const gateway = gatewayClient(
    { ticker, onCall: (report) => reports.push(report), signal: leave.signal },
    { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, ...options },
  );
  return { gateway, requests, pauses, reports, leave };
}

describe("the demo's client", () => {
  it("repeats a write with the same key until its outcome is known", async () => {
    const { gateway, requests, reports } = await client([
      (response) => json(response, 503, refusal("DEPENDENCY_FAILED")),
      (response) => response.destroy(),
      (response) => json(response, 409, refusal("REQUEST_IN_PROGRESS")),
      (response) => json(response, 201, { success: true, data: { made: 1 } }),
    ]);
    const answer = await gateway.write("POST", "/v1/things", { a: 1 }, "token");
    expect(answer).toMatchObject({ outcome: "ok", data: { made: 1 } });
    const keys = requests.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(requests[3]!.headers.authorization).toBe("Bearer token");
    const codes = ["DEPENDENCY_FAILED", "connect", "REQUEST_IN_PROGRESS"];
    expect(reports).toMatchObject([{ outcome: "ok", attempts: 4, codes }]);
  });

  it("takes another key for another write", async () => {
    const { gateway, requests } = await client([(response) => json(response, 200, { data: {} })]);
    await gateway.write("PUT", "/v1/things", {});
    await gateway.write("PUT", "/v1/things", {});
    expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(2);
  });

  it("takes a refusal for an answer, and does not ask again", async () => {
    const { gateway, requests } = await client([(response) => json(response, 409, refusal("PROMOTION_NOT_ACTIVE"))]);
    const answer = await gateway.write("POST", "/v1/things", {});
    expect(answer).toMatchObject({ outcome: "refused", code: "PROMOTION_NOT_ACTIVE" });
    expect(requests).toHaveLength(1);
  });

  it("waits as long as it is told to, within its bound", async () => {
    const { gateway, pauses } = await client([
      (response) => json(response, 429, refusal("RATE_LIMITED"), { "retry-after": "3" }),
      (response) => json(response, 503, refusal("SERVICE_UNAVAILABLE"), { "retry-after": "3600" }),
      (response) => json(response, 200, {}),
    ]);
    expect((await gateway.write("POST", "/v1/things", {})).outcome).toBe("ok");
    expect(pauses).toEqual([3_000, 5_000]);
  });

  it("gives up in the end, and says that nobody knows", async () => {
    const { gateway, requests } = await client(
      [(response) => json(response, 503, refusal("TIMEOUT"), { "retry-after": "1" })],
      { giveUpAfterMs: 10_000 },
    );
    expect(await gateway.write("POST", "/v1/things", {})).toMatchObject({ outcome: "failed", code: "TIMEOUT" });
    expect(requests.length).toBeLessThanOrEqual(11);
    expect(requests.length).toBeGreaterThan(5);
  });

  it("reads once, also where the jitter of a pause is nothing, and tells what an answer lacks", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0);
    const { gateway, requests } = await client([
      (response) => json(response, 503, refusal("DEPENDENCY_FAILED")),
      (response) => json(response, 200, { data: {}, meta: { degraded: ["pricing-service"] } }),
    ]);
    expect(await gateway.read("/v1/things")).toMatchObject({ outcome: "failed", code: "DEPENDENCY_FAILED" });
    expect(await gateway.read("/v1/things")).toMatchObject({ outcome: "ok", degraded: ["pricing-service"] });
    expect(requests).toHaveLength(2);
  });

  it("stops waiting when it is told to leave", async () => {
    const { gateway, leave } = await client([() => leave.abort()]);
    expect(await gateway.write("POST", "/v1/things", {})).toMatchObject({ outcome: "failed", code: "connect" });
  });
});
