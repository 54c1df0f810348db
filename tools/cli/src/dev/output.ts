/**
 * What a person sees of `pnpm dev`: one line per part as it comes up, one table, then the logs of all parts, each with the
 * part's name in front. With `json`, every line is the JSON that the parts write, and nothing else.
 */
export interface Output {
  /** A part's state changed. */
  part(name: string, state: PartState, text: string, ms?: number): void;
  /** A line that a part wrote. */
  line(name: string, line: string): void;
  /** What of the parts' lines is worth reading depends on what is going on; until the first call things are starting. */
  phase(phase: Phase): void;
  say(text: string): void;
  /** Something failed: the cause first, what follows from it later. */
  fail(text: string): void;
  table(rows: [string, string, string][]): void;
}

/** Starting: warnings and worse. Running: everything. Stopping: errors; that the others are leaving is no news then. */
type Phase = "starting" | "running" | "stopping";
const hidden: Record<Phase, readonly string[]> = {
  starting: ["debug", "info"],
  running: [],
  stopping: ["debug", "info", "warn"],
};

type PartState = "starting" | "ready" | "down" | "stopped";

interface LogLine {
  ts?: string;
  level?: string;
  msg?: string;
  err?: { message?: string; cause?: unknown };
  [name: string]: unknown;
}

const palette = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
const notShown = new Set(["ts", "level", "msg", "caller", "trace_id", "span_id", "err", "pid", "hostname"]);
const maxRepeats = 1000;
const maxValueLength = 120;

export function createOutput(options: { json: boolean; color: boolean; write?: (text: string) => void }): Output {
  const write = options.write ?? ((text) => void process.stdout.write(text));
  const paint = (code: number, text: string) => (options.color ? `\x1b[${code}m${text}\x1b[0m` : text);
  const colors = new Map<string, number>();
  const prefix = (name: string) => {
    if (!colors.has(name)) colors.set(name, palette[colors.size % palette.length]!);
    return paint(colors.get(name)!, name.padEnd(18));
  };
  let last = { key: "", count: 0 };
  let phase: Phase = "starting";

  const print = (name: string, level: string, text: string) => {
    const key = `${name} ${level} ${text}`;
    if (key === last.key && last.count < maxRepeats) {
      last.count++;
      return;
    }
    if (last.count > 0)
      write(`${"".padEnd(18)}   … the same line ${last.count} more time${last.count === 1 ? "" : "s"}\n`);
    last = { key, count: 0 };
    const severe = level === "error" || level === "fatal";
    const shown = severe ? paint(31, level) : level === "warn" ? paint(33, level) : paint(90, level);
    write(`${prefix(name)} ${level === "" ? "" : `${shown} `}${text}\n`);
  };

  const json = (fields: Record<string, unknown>) =>
    write(`${JSON.stringify({ ts: new Date().toISOString(), ...fields })}\n`);

  return {
    part(name, state, text, ms) {
      if (options.json)
        return json({ level: state === "down" ? "warn" : "info", "service.name": name, state, ms, msg: text });
      const mark = { starting: "…", ready: paint(32, "✓"), down: paint(31, "✗"), stopped: "·" }[state];
      if (state === "starting") return;
      write(
        `${mark} ${name.padEnd(28)} ${text.padEnd(38)}${ms === undefined ? "" : `${String(Math.round(ms)).padStart(6)} ms`}\n`,
      );
    },
    line(name, line) {
      if (options.json)
        return write(
          `${parseLine(line) ? line : JSON.stringify({ level: "info", "service.name": name, msg: line })}\n`,
        );
      const parsed = parseLine(line);
      if (!parsed) return print(name, "", harmless(line));
      if (hidden[phase].includes(parsed.level ?? "")) return;
      print(name, parsed.level ?? "", readable(parsed));
    },
    phase(next) {
      phase = next;
    },
    say(text) {
      if (options.json) return json({ level: "info", "service.name": "weft", msg: text });
      write(`${text}\n`);
    },
    fail(text) {
      if (options.json) return json({ level: "error", "service.name": "weft", msg: text });
      write(`${paint(31, "✗")} ${text}\n`);
    },
    table(rows) {
      if (options.json) return json({ level: "info", "service.name": "weft", msg: "ready", addresses: rows });
      const width = Math.max(...rows.map(([name]) => name.length)) + 2;
      const addresses = Math.max(...rows.map(([, address]) => address.length)) + 2;
      write(
        `\n${rows.map(([name, address, note]) => `  ${name.padEnd(width)}${address.padEnd(addresses)}${note}`.trimEnd()).join("\n")}\n\n`,
      );
    },
  };
}

function parseLine(line: string): LogLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}

/** Message, then what stands beside it, then the causes of an error, outermost first. */
function readable(line: LogLine): string {
  const rest = Object.entries(line)
    .filter(([name]) => !notShown.has(name) && !name.startsWith("service."))
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${name}=${text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text}`;
    });
  const causes: string[] = [];
  for (let error: unknown = line.err; typeof error === "object" && error !== null && causes.length < 5; ) {
    const { message, cause } = error as { message?: string; cause?: unknown };
    if (message) causes.push(message);
    error = cause;
  }
  return harmless([line.msg ?? "", ...rest, ...(causes.length > 0 ? [`— ${causes.join(" ← ")}`] : [])].join(" "));
}

/** Names and messages come from requests and events: nothing in them may move the terminal's cursor. */
const harmless = (text: string) => text.replaceAll(/\p{Cc}/gu, " ");
