import { describe, expect, it } from "@jest/globals";
import { createOutput } from "./output.ts";

function output(options: { json?: boolean; color?: boolean } = {}) {
  const lines: string[] = [];
  const made = createOutput({ json: false, color: false, ...options, write: (text) => lines.push(text) });
  return { ...made, lines, text: () => lines.join("") };
}
const log = (level: string, msg: string, more = {}) =>
  JSON.stringify({ ts: "t", level, "service.name": "x", msg, ...more });

describe("the output of pnpm dev", () => {
  it("shows what is wrong while things start, everything afterwards, and only errors while they stop", () => {
    const { line, phase, text } = output();
    line("catalog", log("info", "early"));
    line("catalog", log("warn", "odd"));
    line("catalog", "no JSON at all");
    phase("running");
    line("catalog", log("info", "late", { orders: 3 }));
    phase("stopping");
    line("catalog", log("warn", "the others leave"));
    line("catalog", log("error", "lost"));
    expect(text()).not.toContain("early");
    expect(text()).toBe(
      [
        "catalog            warn odd",
        "catalog            no JSON at all",
        "catalog            info late orders=3",
        "catalog            error lost",
        "",
      ].join("\n"),
    );
  });

  it("tells the causes of an error, outermost first, and at most five", () => {
    const cause = (depth: number): unknown =>
      depth > 9 ? undefined : { message: `m${depth}`, cause: cause(depth + 1) };
    const { line, text } = output();
    line("a", log("error", "failed", { err: { type: "E", stack: "at x", ...(cause(1) as object) } }));
    expect(text()).toMatch(/error failed — m1 ← m2 ← m3 ← m4 ← m5\n$/);
  });

  it("counts lines that repeat, and says the count before the next other one", () => {
    const { line, text } = output();
    for (let time = 0; time < 4; time++) line("a", log("warn", "again"));
    line("a", log("warn", "other"));
    expect(text().match(/again/g)).toHaveLength(1);
    expect(text()).toContain("the same line 3 more times");
  });

  it("lets nothing that a part writes move the cursor: neither in log lines nor in plain ones", () => {
    const { line, text } = output();
    line("a", log("warn", "name \u001b[2J\r\u0007", { key: "k\u001b]0;title\u0007", list: ["\u009b31m"] }));
    line("a", "plain \u001b[2J\u001b[1;1H \u0007text");
    expect(text().replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(text()).toContain("plain");
  });

  it("survives lines that only look like JSON, are empty, or hold what nobody expects", () => {
    const { line, text } = output();
    for (const odd of [
      "",
      "{",
      "{}",
      '{"level":7,"msg":{"a":1}}',
      '{"level":"warn","err":"text","x":null}',
      "[1]",
      "null",
    ])
      expect(() => line("a", odd)).not.toThrow();
    expect(text()).not.toContain("undefined");
  });

  it("shortens long values", () => {
    const { line, text } = output();
    line("a", log("warn", "w", { body: "x".repeat(10_000) }));
    expect(text().length).toBeLessThan(300);
  });

  it("with json writes JSON only, one object a line, whatever a part says", () => {
    const { line, say, fail, part, table, text } = output({ json: true });
    line("a", log("info", "kept as it is"));
    line("a", 'plain "text" \u001b[2J');
    line("a", "{ not JSON");
    say("s");
    fail("f");
    part("a", "ready", "r", 12.3);
    part("a", "down", "d");
    table([["a", "http://x", ""]]);
    const parsed = text()
      .trim()
      .split("\n")
      .map((one) => JSON.parse(one) as Record<string, unknown>);
    expect(parsed.map(({ msg }) => msg)).toEqual([
      "kept as it is",
      'plain "text" \u001b[2J',
      "{ not JSON",
      "s",
      "f",
      "r",
      "d",
      "ready",
    ]);
  });

  it("aligns the table and keeps its notes", () => {
    const { table, text } = output();
    table([
      ["a", "http://127.0.0.1:1", ""],
      ["longer", "http://127.0.0.1:22", "port 5 was taken"],
    ]);
    expect(text()).toBe("\n  a       http://127.0.0.1:1\n  longer  http://127.0.0.1:22  port 5 was taken\n\n");
  });

  it("gives each part a colour of its own on a terminal, and none elsewhere", () => {
    const colored = output({ color: true });
    colored.line("a", "x");
    colored.line("b", "x");
    expect(colored.lines[0]).not.toBe(colored.lines[1]!.replace("b", "a"));
    expect(colored.text()).toContain("\u001b[");
  });
});
