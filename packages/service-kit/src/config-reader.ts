import { readFileSync } from "node:fs";
import type { FieldErrors } from "@weft/core";

export interface HostPort {
  host: string;
  port: number;
}

/** `127.0.0.1:8001`, `[::1]:8001` */
export const formatHostPort = ({ host, port }: HostPort) =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads the texts of a configuration file and notes every wrong one under its path, so that all are reported together. */
export class ConfigReader {
  readonly problems: FieldErrors = {};

  wrong(path: string, problem: string): void {
    this.problems[path] ??= problem;
  }

  /** `800ms`, `15s`, `1m`, `1h` → milliseconds. */
  durationMs(path: string, text: string): number {
    const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
    if (match) return Number(match[1]) * (unitMs[match[2]!] ?? 0);
    this.wrong(path, `must be a duration as 800ms, 15s, 1m or 1h, not ${JSON.stringify(text)}`);
    return 0;
  }

  /** `127.0.0.1:8001`, `[::1]:8001`. Port 0 means any free one, where that is allowed. */
  hostPort(path: string, text: string): HostPort {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@]+)):(\d{1,5})$/.exec(text);
    const port = Number(match?.[3]);
    if (match && port <= 65_535) return { host: match[1] ?? match[2]!, port };
    this.wrong(path, `must be host:port, not ${JSON.stringify(text)}`);
    return { host: "", port: 0 };
  }

  /** An address with a scheme out of `schemes`; the value is not repeated in the problem, because it may hold a password. */
  url(path: string, text: string, schemes: readonly string[]): string {
    const scheme = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : undefined;
    if (scheme === undefined || !schemes.includes(scheme)) {
      this.wrong(path, `must be a URL that begins with ${schemes.map((name) => `${name}://`).join(" or ")}`);
    }
    return text.replace(/\/+$/, "");
  }

  file(path: string, name: string): string {
    try {
      return readFileSync(name, "utf8");
    } catch (error) {
      this.wrong(path, `names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
      return "";
    }
  }
}
