import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { sleep } from "./backoff.ts";
import {
  currentContext,
  formatTraceparent,
  isRequestId,
  newContext,
  parseTraceparent,
  remainingMs,
  runInContext,
  withTimeout,
} from "./call-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${spanId}-01`;

describe("traceparent", () => {
  it("is read and written as W3C Trace Context has it", () => {
    expect(parseTraceparent(traceparent)).toEqual({ traceId, spanId, sampled: true });
    expect(parseTraceparent(`00-${traceId}-${spanId}-02`)?.sampled).toBe(false);
    expect(formatTraceparent({ traceId, spanId, sampled: true })).toBe(traceparent);
  });

  it("of a later version is read as far as it is known", () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-01-more`)).toEqual({ traceId, spanId, sampled: true });
  });

  it.each([
    ["empty", ""],
    ["an all-zero trace", `00-${"0".repeat(32)}-${spanId}-01`],
    ["an all-zero span", `00-${traceId}-${"0".repeat(16)}-01`],
    ["the forbidden version", `ff-${traceId}-${spanId}-01`],
    ["upper case", `00-${traceId.toUpperCase()}-${spanId}-01`],
    ["one digit short", `00-${traceId.slice(1)}-${spanId}-01`],
    ["something behind version 00", `${traceparent}-more`],
    ["something behind without a dash", `01-${traceId}-${spanId}-01more`],
    ["a line break behind", `${traceparent}\n`],
  ])("counts as absent when it is not well formed: %s", (_name, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  it("survives any text", () => {
    fc.assert(fc.property(fc.string(), (text) => parseTraceparent(text) === undefined));
  });
});

describe("request id", () => {
  it.each(["a", "0", "A.b_c:d-e", "x".repeat(128)])("takes %p", (value) => expect(isRequestId(value)).toBe(true));
  it.each(["", "x".repeat(129), "a b", "a\n", "é", "a/b", "<script>", undefined, 7, ["a"]])("refuses %p", (value) =>
    expect(isRequestId(value)).toBe(false),
  );
});

describe("newContext", () => {
  it("begins a chain where nothing came in", () => {
    const context = newContext();
    expect(isRequestId(context.requestId)).toBe(true);
    expect(context.correlationId).toBe(context.requestId);
    expect(parseTraceparent(formatTraceparent(context.trace))).toEqual(context.trace);
  });

  it("goes on with a trace in a span of its own", () => {
    const { trace } = newContext({ traceparent, tracestate: "vendor=1" });
    expect(trace).toMatchObject({ traceId, sampled: true, state: "vendor=1" });
    expect(trace.spanId).not.toBe(spanId);
  });

  it("drops the state of a trace that it cannot read", () => {
    const { trace } = newContext({ traceparent: "nonsense", tracestate: "vendor=1" });
    expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(trace.state).toBeUndefined();
  });

  it("keeps the correlation id that came in beside a request id of its own", () => {
    expect(newContext({ requestId: "r2", correlationId: "r1", causationId: "e1" })).toMatchObject({
      requestId: "r2",
      correlationId: "r1",
      causationId: "e1",
    });
  });
});

describe("the current context", () => {
  it("follows the work through awaits, and not into its neighbours", async () => {
    const seen = await Promise.all(
      ["a", "b"].map((requestId) =>
        runInContext(newContext({ requestId }), async () => {
          await sleep(1);
          return currentContext()?.requestId;
        }),
      ),
    );
    expect(seen).toEqual(["a", "b"]);
    expect(currentContext()).toBeUndefined();
  });
});

describe("deadline", () => {
  it("is the sooner of the caller's and one's own", () => {
    const short = withTimeout(newContext(), 10_000);
    expect(remainingMs(short)).toBeGreaterThan(5_000);
    expect(remainingMs(short)).toBeLessThanOrEqual(10_000);
    expect(withTimeout(short, 50_000)).toBe(short);
    expect(remainingMs(withTimeout(short, 100))).toBeLessThanOrEqual(100);
  });

  it("never leaves less than nothing, and is absent where nobody set one", () => {
    expect(remainingMs(newContext({ deadline: performance.now() - 50 }))).toBe(0);
    expect(remainingMs(newContext())).toBeUndefined();
    expect(remainingMs()).toBeUndefined();
  });
});
