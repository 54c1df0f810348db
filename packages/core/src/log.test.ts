import { describe, expect, it } from "@jest/globals";
import { newContext, runInContext } from "./call-context.ts";
import { createLogger, type Logger } from "./log.ts";
import { withoutCredentials } from "./redaction.ts";

function captured(level: "trace" | "info" = "trace"): {
  log: Logger;
  lines: () => Record<string, unknown>[];
  text: () => string;
} {
  let text = "";
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  const log = createLogger(
    { name: "catalog-service", version: "1.2.3", instanceId: "catalog-1" },
    { level, destination },
  );
  const lines = () =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  return { log, lines, text: () => text };
}

describe("log", () => {
  it("writes JSON lines with identity, level and time", () => {
    const { log, lines } = captured();
    log.warn({ topic: "catalog.events" }, "paused");
    expect(lines()).toEqual([
      {
        level: "warn",
        ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        "service.id": "catalog-1",
        "service.name": "catalog-service",
        "service.version": "1.2.3",
        caller: expect.stringMatching(/:\d+$/),
        topic: "catalog.events",
        msg: "paused",
      },
    ]);
  });

  it("carries the trace and the request of the work that is running", () => {
    const { log, lines } = captured();
    const context = newContext({ requestId: "r-1" });
    runInContext(context, () => log.info("inside"));
    log.child({ part: "relay" }).info("outside");
    expect(lines()[0]).toMatchObject({ request_id: "r-1", trace_id: context.trace.traceId });
    expect(lines()[1]).toMatchObject({ part: "relay", msg: "outside" });
    expect(lines()[1]).not.toHaveProperty("request_id");
  });

  it("leaves out what is below its level", () => {
    const { log, text } = captured("info");
    log.debug("quiet");
    expect(text()).toBe("");
  });

  it("never shows a secret, wherever it is", () => {
    const canary = "canary-7f3a";
    const { log, text } = captured();
    for (const name of [
      "password",
      "token",
      "secret",
      "authorization",
      "cookie",
      "apiKey",
      "sasl",
      "privateKey",
      "x-consul-token",
      "set-cookie",
      "Authorization",
      "X-Consul-Token",
      "clientSecret",
      "PGPASSWORD",
    ]) {
      log.info({ [name]: canary }, "top");
      log.info({ config: { [name]: canary } }, "one down");
      log.info({ request: { headers: { [name]: canary } } }, "two down");
      log.info({ a: { b: { c: [{ [name]: canary }] } } }, "far down");
      log.child({ [name]: canary }).info("bound");
    }
    const url = `postgres://weft:${canary}@127.0.0.1:5432/catalog`;
    const cause = new Error(`cannot reach ${url}`);
    log.error({ err: new Error(`no connection to ${url}`, { cause }) }, "failed");
    log.error({ err: `text: ${url}` }, "failed");
    expect(text()).not.toContain(canary);
    expect(text()).toContain("postgres://weft:***@127.0.0.1:5432/catalog");
  });

  it("writes an error with its type, code, stack and causes, five deep at most", () => {
    const { log, lines } = captured();
    let error = new Error("0");
    for (let depth = 1; depth < 20; depth += 1) error = new Error(String(depth), { cause: error });
    log.error({ err: Object.assign(error, { code: "E_TOP" }) }, "failed");
    const err = lines()[0]?.err as Record<string, unknown>;
    expect(err).toMatchObject({
      type: "Error",
      code: "E_TOP",
      message: "19",
      stack: expect.stringContaining("log.test"),
    });
    expect(JSON.stringify(err).match(/"message"/g)).toHaveLength(6);
  });
});

describe("withoutCredentials", () => {
  it.each([
    ["postgres://weft:p%40ss@h:5432/{database}", "postgres://weft:***@h:5432/{database}"],
    ["redis://:secret@h:6379", "redis://:***@h:6379"],
    ["a kafka+ssl://u:p@h and https://x:y@z/", "a kafka+ssl://u:***@h and https://x:***@z/"],
    ["http://127.0.0.1:8500/v1?x=a@b", "http://127.0.0.1:8500/v1?x=a@b"],
    ["postgres://weft:pa:ss@h/db", "postgres://weft:***@h/db"],
    ["postgres://h/db?user=a&password=b&x=1", "postgres://h/db?user=a&password=***&x=1"],
    ["nothing here: a@b", "nothing here: a@b"],
  ])("%s", (text, expected) => expect(withoutCredentials(text)).toBe(expected));
});
