/** JSON for programs, or a table for people; nothing else goes to standard output. */
export function printRows(json: boolean, rows: Record<string, unknown>[], none: string): void {
  if (json) {
    printJson(rows);
    return;
  }
  const [first] = rows;
  if (!first) {
    print(none);
    return;
  }
  const names = Object.keys(first);
  const lines = [names.map((name) => name.toUpperCase()), ...rows.map((row) => names.map((name) => cell(row[name])))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  for (const line of lines)
    print(
      line
        .map((text, column) => text.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, jsonSafe, 2));
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** For what belongs beside the result: progress, notes. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Texts from events and requests may hold anything: nothing in them may move the terminal's cursor. */
export const visible = (text: string) => text.replaceAll(/\p{Cc}/gu, "�");

const cell = (value: unknown) => (value === undefined || value === null ? "" : visible(String(value)));
const jsonSafe = (_name: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);
