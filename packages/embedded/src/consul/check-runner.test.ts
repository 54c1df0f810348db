import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { catalog } from "./catalog.ts";
import { type CheckRunner, checkRunner } from "./check-runner.ts";
import { readCheck } from "./definitions.ts";

const hour = 3_600_000;

describe("checks that wait for a month", () => {
  let checks: CheckRunner;
  let services: ReturnType<typeof catalog>;
  let changed: () => void;
  beforeEach(() => {
    changed = () => {};
    services = catalog({ queries: { wait: async () => {}, changed: () => changed() } });
    checks = checkRunner({ catalog: services, log: silentLogger, onReap: () => {} });
  });
  afterEach(() => {
    checks.stop();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  function run(fields: Record<string, unknown>): void {
    const definition = readCheck(fields, { id: "c", name: "c" });
    services.putCheck(definition, "", { status: "passing", output: "" });
    checks.run(definition);
  }

  it("expire when the time is up, and not at once", () => {
    jest.useFakeTimers();
    run({ ttl: "720h" });
    jest.advanceTimersByTime(hour);
    expect(services.check("c")?.status).toBe("passing");
    jest.advanceTimersByTime(720 * hour);
    expect(services.check("c")?.status).toBe("critical");
  });

  describe("and ask somebody", () => {
    let target: Server;
    let asked: number;
    let fields: Record<string, unknown>;
    beforeEach(async () => {
      asked = 0;
      target = createServer((_, response) => {
        asked++;
        response.writeHead(500).end();
      });
      await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
      const { port } = target.address() as { port: number };
      fields = { http: `http://127.0.0.1:${port}`, interval: "720h" };
    });
    afterEach(() => {
      target.closeAllConnections();
      target.close();
    });
    /** After the first look, which comes at once with this. */
    async function looked(): Promise<void> {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
      changed = () => {};
    }

    it("ask once, and not all the time", async () => {
      jest.spyOn(Math, "random").mockReturnValue(0);
      run(fields);
      await looked();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(asked).toBe(1);
    });

    it("go on where a result cannot be noted", async () => {
      jest.spyOn(Math, "random").mockReturnValue(0);
      const failed = jest.spyOn(silentLogger, "error");
      run({ ...fields, interval: "1s" });
      changed = () => {
        throw new Error("no space left");
      };
      for (let waits = 0; waits < 500 && asked < 2; waits++) await new Promise((resolve) => setTimeout(resolve, 10));
      expect([asked, failed.mock.calls.length]).toEqual([2, 1]);
    });
  });
});
