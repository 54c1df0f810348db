import { readFileSync } from "node:fs";
import { type FieldErrors, maxTimerMs, withoutCredentials } from "@weft/core";

export interface HostPort {
  host: string;
  port: number;
}

/** `127.0.0.1:8001`, `[::1]:8001` */
export const formatHostPort = ({ host, port }: HostPort) =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

interface Schema {
  title?: string;
  properties?: Record<string, Schema>;
  default?: unknown;
}

/**
 * Reads the texts of a configuration file by their paths, with the defaults of its schema, and notes every wrong one, so that
 * all are reported together. A value of a wrong type is the schema's to refuse: here it reads as if it were absent.
 */
export class ConfigReader {
  readonly problems: FieldErrors = {};
  private readonly file: unknown;
  private readonly schema: Schema;

  constructor({ file, schema }: { file: unknown; schema: Schema }) {
    this.file = file;
    this.schema = schema;
  }

  /** What the file says there, or what the schema says for files that do not. Undefined for null, which is nothing too. */
  value(path: string): unknown {
    let value: unknown = this.file;
    let schema: Schema | undefined = this.schema;
    for (const part of path.split(".")) {
      value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
      schema = schema?.properties?.[part];
    }
    return value ?? schema?.default ?? undefined;
  }

  /** Undefined also for an empty one: `${NAME:-}` of a variable that is not set. */
  text(path: string): string | undefined {
    const value = this.value(path);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** A list, or a text with commas; empty where there is neither. */
  list(path: string): string[] {
    const value = this.value(path);
    const items = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
    return items
      .filter((item) => typeof item === "string")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  /** A text that YAML may have taken for a number. */
  secret(path: string): string | undefined {
    const value = this.value(path);
    return typeof value === "number" ? String(value) : this.text(path);
  }

  number(path: string): number | undefined {
    const value = this.value(path);
    return typeof value === "number" ? value : undefined;
  }

  wrong(path: string, problem: string): void {
    this.problems[path] ??= problem;
  }

  /** `800ms`, `15s`, `1m`, `1h` → milliseconds, at most what a timer can wait; 0 where there is none. */
  durationMs(path: string, { from = 0 }: { from?: number } = {}): number {
    const text = this.text(path);
    if (text === undefined) return 0;
    const match = /^(\d{1,12})(ms|s|m|h)$/.exec(text);
    const ms = Number(match?.[1]) * (unitMs[match?.[2] ?? ""] ?? 0);
    if (!match) this.wrong(path, `must be a duration as 800ms, 15s, 1m or 1h, not ${JSON.stringify(text)}`);
    else if (ms > maxTimerMs) this.wrong(path, `must be at most ${maxTimerMs}ms (596h), not ${JSON.stringify(text)}`);
    else if (ms < from) this.wrong(path, `must be at least ${from}ms, not ${JSON.stringify(text)}`);
    else return ms;
    return 0;
  }

  /** Whatever a schema calls a duration must be one, also where a service reads it itself. */
  checkDurations(section: string): void {
    const look = (schema: Schema | undefined, path: string) => {
      if (schema?.title === "duration") this.durationMs(path);
      for (const [name, field] of Object.entries(schema?.properties ?? {})) look(field, `${path}.${name}`);
    };
    look(this.schema.properties?.[section], section);
  }

  /** `127.0.0.1:8001`, `[::1]:8001`. Port 0 means any free one, where that is allowed. */
  hostPort(path: string, text = this.text(path)): HostPort {
    if (text === undefined) return { host: "", port: 0 };
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@]+)):(\d{1,5})$/.exec(text);
    const port = Number(match?.[3]);
    if (match && port <= 65_535) return { host: match[1] ?? match[2]!, port };
    // Whoever forgot the scheme of a URL, or wrote one where none belongs, may have written a password before the `@`.
    const shown = withoutCredentials(text).replace(/^.*@/s, "***@");
    this.wrong(path, `must be host:port, not ${JSON.stringify(shown)}`);
    return { host: "", port: 0 };
  }

  /** An address with a scheme out of `schemes`; the value is not repeated in the problem, because it may hold a password. */
  url(path: string, schemes: readonly string[], text = this.text(path)): string {
    if (text === undefined) return "";
    const scheme = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : undefined;
    if (scheme === undefined || !schemes.includes(scheme)) {
      this.wrong(path, `must be a URL that begins with ${schemes.map((name) => `${name}://`).join(" or ")}`);
    }
    return text.replace(/\/+$/, "");
  }

  /** What the named file holds; undefined where none is named. */
  contentsOf(path: string, name = this.text(path)): string | undefined {
    if (name === undefined) return undefined;
    try {
      return readFileSync(name, "utf8");
    } catch (error) {
      this.wrong(path, `names a file that cannot be read: ${name} (${(error as NodeJS.ErrnoException).code})`);
      return undefined;
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
