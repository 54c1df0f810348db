import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const retryLoop = `
export async function again(work: () => Promise<void>) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 3) throw error;
      await sleep(attempt * 100);
    }
  }
}`;

const forbidden: [what: string, text: string, says: RegExp][] = [
  ["a retry loop", retryLoop, /use `retry`/],
  ["a loop that polls", "while (!isUp()) await new Promise((done) => setTimeout(done, 50));", /`poll`/],
  ["a backoff without a policy", "export const pauseMs = backoffMs(3, { maxMs: 500 });", /`pauses`/],
  ["a race against a timer", "export const first = Promise.race([work, sleep(500)]);", /`within`/],
  ["a timer that rejects", "setTimeout(() => reject(new Error('late')), 500).unref();", /`timeLimit`/],
  ["a timer that aborts", "setTimeout(() => controller.abort(), 500);", /`timeLimit`/],
  ["a table of statuses", "export const statuses = {} as Record<ErrorKind, number>;", /`errorKinds`/],
  ["defaults without a check", "export const settings = { ...defaults, ...options };", /`takeOptions`/],
  ["a loop that checks options", "names.filter((name) => !Number.isInteger(settings[name]));", /`takeOptions`/],
];

const allowed = "export const settings = takeOptions('the relay', rules, options);\nawait retry(policy, work, signal);";
const held = ["packages/outbox/src", "services/gateway/src", "tools/cli/src"].map((at) => `${at}/planted-by-a-test.ts`);
const free = ["packages/core/src/planted-by-a-test.ts", "packages/outbox/src/planted-by-a-test.test.ts"];
const planted = [...held, ...free];

/** What the linter says of each planted file, by the line that it says it of. */
const findings = new Map<string, Map<number, string[]>>();

beforeAll(() => {
  const text = `${[...forbidden.map(([, one]) => one), allowed].join("\n")}\n`;
  for (const file of planted) writeFileSync(join(root, file), text);
  const flags = ["lint", "--reporter=json", "--max-diagnostics=none", "--vcs-use-ignore-file=false", ...planted];
  const run = spawnSync(join(root, "node_modules/.bin/biome"), flags, { cwd: root, encoding: "utf8" });
  const { diagnostics } = JSON.parse(run.stdout) as {
    diagnostics: { category: string; message: string; location: { path: string; start: { line: number } } }[];
  };
  for (const { category, message, location } of diagnostics) {
    if (category !== "plugin") continue;
    const lines = findings.get(location.path) ?? new Map<number, string[]>();
    lines.set(location.start.line, [...(lines.get(location.start.line) ?? []), message]);
    findings.set(location.path, lines);
  }
});

afterAll(() => {
  for (const file of planted) rmSync(join(root, file), { force: true });
});

/** Lines of the planted text, from 1, that one of its parts takes. */
function linesOf(index: number): number[] {
  const before = forbidden.slice(0, index).flatMap(([, text]) => text.split("\n")).length;
  return forbidden[index]![1].split("\n").map((_, line) => before + line + 1);
}

describe("lint rule of the one vocabulary", () => {
  it.each(forbidden.map(([what, , says], index) => ({ what, says, index })))(
    "refuses $what in packages, services and tools",
    ({ says, index }) => {
      for (const file of held) {
        const said = linesOf(index).flatMap((line) => findings.get(file)?.get(line) ?? []);
        expect(said).toContainEqual(expect.stringMatching(says));
      }
    },
  );

  it("says nothing of core, of tests, or of calls to the vocabulary", () => {
    for (const file of free) expect(findings.get(file)).toBeUndefined();
    const last = forbidden.flatMap(([, text]) => text.split("\n")).length;
    for (const file of held) {
      expect([...findings.get(file)!.keys()].filter((line) => line > last)).toEqual([]);
    }
  });
});
