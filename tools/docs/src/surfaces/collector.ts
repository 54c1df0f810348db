import { format, inspect } from "node:util";

/**
 * Stands in for `@jest/globals` while suites are imported: callbacks of `describe` run, those of tests are kept, and nothing
 * else happens, neither hooks nor tests.
 */
export interface CollectedTest {
  title: string;
  /** Titles of what is around it, the outermost first. */
  within: string[];
  /** URL of the module that `it` was called from. */
  module: string;
  /** Source of the test, and its row where it is driven by a table. */
  body: string;
}

export const collectedTests: CollectedTest[] = [];
const within: string[] = [];
let isSkipping = false;

type Callback = (...values: never[]) => unknown;
type Collect = (title: string, callback?: Callback, row?: unknown[]) => void;

const collectTest: Collect = (title, callback, row = []) => {
  if (isSkipping || callback === undefined) return;
  const shown = row.map((value) => inspectWhole(value)).join("\n");
  collectedTests.push({ title, within: [...within], module: callingModule(), body: `${callback}\n${shown}` });
};

const collectSuite: Collect = (title, callback, row = []) => {
  within.push(title);
  (callback as ((...values: unknown[]) => void) | undefined)?.(...row);
  within.pop();
};

const skipped =
  (collect: Collect): Collect =>
  (...args) => {
    const before = isSkipping;
    isSkipping = true;
    collect(...args);
    isSkipping = before;
  };

/** `it` or `describe`, with all that it can be called through. */
function collecting(collect: Collect) {
  const each =
    (through: Collect) =>
    (table: unknown, ...values: unknown[]) => {
      const rows = rowsOf(table, values);
      return (title: string, callback?: Callback) => {
        for (const [index, row] of rows.entries()) through(titleOf(title, row, index), callback, row);
      };
    };
  const withEach = (through: Collect) =>
    Object.assign((...args: Parameters<Collect>) => through(...args), { each: each(through) });
  return Object.assign(
    withEach((title, callback) => collect(title, callback)),
    {
      each: each(collect),
      only: withEach(collect),
      skip: withEach(skipped(collect)),
      todo: () => {},
      failing: withEach(skipped(collect)),
      concurrent: withEach(collect),
    },
  );
}

export const describe = collecting(collectSuite);
export const it = collecting(collectTest);
export const beforeAll = () => {};
export const afterAll = () => {};
export const beforeEach = () => {};
export const afterEach = () => {};

/** Whatever a table of rows does with it gives the same again: `expect.stringMatching(…)`, `jest.fn()`. */
const anything: unknown = new Proxy(() => {}, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => "" : anything),
  apply: () => anything,
});
export const expect = anything;
export const jest = anything;

/** Rows as lists of arguments: of a list, or of a tagged template with a head (`a | b`). */
function rowsOf(table: unknown, values: unknown[]): unknown[][] {
  if (Array.isArray(table) && !("raw" in table)) return table.map((row) => (Array.isArray(row) ? row : [row]));
  const names = String((table as string[])[0])
    .split("\n")
    .find((line) => line.trim() !== "")!
    .split("|");
  const rows: unknown[][] = [];
  for (let start = 0; start < values.length; start += names.length) {
    rows.push([Object.fromEntries(names.map((name, index) => [name.trim(), values[start + index]]))]);
  }
  return rows;
}

/** As jest writes it: `%s` and its like by position, `%#` the index, `$name` by field. */
function titleOf(title: string, row: unknown[], index: number): string {
  const [first] = row;
  const named = title.replace(/\$([a-zA-Z_$][\w.$]*)/g, (whole, path: string) => {
    const value = path
      .split(".")
      .reduce((inner: unknown, part) => (inner as Record<string, unknown> | undefined)?.[part], first);
    return value === undefined ? whole : String(value);
  });
  const positions = named
    .replaceAll("%p", "%o")
    .replaceAll("%#", String(index))
    .replaceAll("%$", String(index + 1));
  const wanted = positions.match(/%[sdifjoO]/g)?.length ?? 0;
  return wanted === 0 ? positions : format(positions, ...row.slice(0, wanted));
}

/** All that a row holds, with the source of its functions. */
function inspectWhole(value: unknown): string {
  const functions: string[] = [];
  const collect = (inner: unknown, depth: number): void => {
    if (typeof inner === "function" && inner !== anything) functions.push(String(inner));
    else if (typeof inner === "object" && inner !== null && depth < 5) {
      for (const one of Object.values(inner)) collect(one, depth + 1);
    }
  };
  collect(value, 0);
  return [inspect(value, { depth: 5, maxArrayLength: 50 }), ...functions].join("\n");
}

function callingModule(): string {
  const lines = new Error().stack?.split("\n") ?? [];
  const frame = lines.slice(1).find((line) => line.includes("file://") && !line.includes("/surfaces/collector.ts"));
  return /file:\/\/[^)]*?(?=:\d+:\d+)/.exec(frame ?? "")?.[0] ?? "";
}
