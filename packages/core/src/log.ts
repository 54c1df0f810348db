import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import { currentContext } from "./call-context.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** Structured first, words second: `log.warn({ topic, partition }, "paused")`. An error goes under `err`. */
export type Logger = Pick<PinoLogger, "trace" | "debug" | "info" | "warn" | "error" | "fatal"> & {
  child(bindings: Record<string, unknown>): Logger;
};

export interface LogIdentity {
  /** Service name, as in Consul. */
  name: string;
  version: string;
  /** Instance id, unique to the process. */
  id: string;
}

const secretNames = [
  "password",
  "token",
  "secret",
  "authorization",
  "cookie",
  "apiKey",
  "sasl",
  "privateKey",
  '["x-consul-token"]',
  '["set-cookie"]',
];
const redacted = secretNames.flatMap((name) => {
  const bare = name.startsWith("[") ? name : `.${name}`;
  return [bare.replace(/^\./, ""), `*${bare}`, `*.*${bare}`];
});

/** Hides the password in every URL of a text, so that an address can be logged. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]*@/gi, "$1:***@");
}

/** File and line of whoever logged: the first frame that is neither this file nor pino. */
function callerOf(): string | undefined {
  const frames = new Error().stack?.split("\n").slice(2) ?? [];
  const frame = frames.find((line) => !/[\\/]pino[\\/]|core[\\/](src|dist)[\\/]log\./.test(line));
  const match = frame?.match(/([^/\\(]+[/\\][^/\\]+:\d+):\d+\)?$/);
  return match?.[1];
}

/** JSON lines on standard output: `ts`, `level`, `caller`, `service.*`, `trace_id`, `request_id`, `msg`. */
export function createLogger(
  identity: LogIdentity,
  options: { level?: LogLevel; destination?: DestinationStream } = {},
): Logger {
  const level = options.level ?? (process.env.WEFT_LOG_LEVEL as LogLevel | undefined) ?? "info";
  return pino(
    {
      level,
      base: { "service.id": identity.id, "service.name": identity.name, "service.version": identity.version },
      messageKey: "msg",
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: "***" },
      serializers: {
        err: (error: unknown) => serializeError(error),
      },
      mixin() {
        const context = currentContext();
        return {
          caller: callerOf(),
          ...(context ? { trace_id: context.trace.traceId, request_id: context.requestId } : {}),
        };
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  ) as unknown as Logger;
}

function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return withoutCredentials(String(error));
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: withoutCredentials(error.message),
    ...(code === undefined ? {} : { code }),
    stack: error.stack === undefined ? undefined : withoutCredentials(error.stack),
    ...(error.cause !== undefined && depth < 5 ? { cause: serializeError(error.cause, depth + 1) } : {}),
  };
}

/** For tests, and where nobody listens. */
export const silentLogger: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => silentLogger,
};
