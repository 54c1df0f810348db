import { createServer } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { isNetworkFailure } from "./network-failure.ts";

describe("a network failure", () => {
  it("is what Node throws for a port where nobody listens, alone or for each address", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const refused = await fetch(`http://127.0.0.1:${port}`).catch((error: Error) => error.cause);
    expect(isNetworkFailure(refused)).toBe(true);
    expect(isNetworkFailure(new AggregateError([refused, refused]))).toBe(true);
  });

  it("is nothing else", () => {
    for (const other of [
      new Error("ECONNREFUSED"),
      Object.assign(new Error("full"), { code: "ENOSPC" }),
      new AggregateError([]),
      "EPIPE",
      null,
      undefined,
    ]) {
      expect(isNetworkFailure(other)).toBe(false);
    }
  });
});
