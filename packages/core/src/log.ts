import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import { currentContext } from "./call-context.ts";
import { contextOfLogLine } from "./context-fields.ts";
import { withoutCredentials, withoutSecrets } from "./redaction.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** Structured first, words second: `log.warn({ topic, partition }, "paused")`. An error goes under `err`. */
export type Logger = Pick<PinoLogger, "trace" | "debug" | "info" | "warn" | "error" | "fatal"> & {
  child(bindings: Record<string, unknown>): Logger;
};

/** Who this process is, in logs, in Consul and towards other services. */
export interface ServiceIdentity {
  /** Service name, as in Consul. */
  readonly name: string;
  readonly version: string;
  /** Unique to the process. */
  readonly instanceId: string;
}

/** File and line of whoever logged: the first frame that is neither this file nor pino. */
function callerOf(): string | undefined {
  const frames = new Error().stack?.split("\n").slice(2) ?? [];
  const frame = frames.find((line) => !/[\\/]pino[\\/]|core[\\/](src|dist)[\\/]log\.(ts|js):/.test(line));
  const match = frame?.match(/([^/\\(]+[/\\][^/\\]+:\d+):\d+\)?$/);
  return match?.[1];
}

/**
 * JSON lines on standard output: `ts`, `level`, `caller`, `service.*`, `msg`, and of the call context whatever
 * `context-fields.ts` has a name for in a log line: `trace_id`, `request_id` and others.
 */
export function createLogger(
  identity: ServiceIdentity,
  options: { level?: LogLevel; destination?: DestinationStream } = {},
): Logger {
  const level = options.level ?? (process.env.WEFT_LOG_LEVEL as LogLevel | undefined) ?? "info";
  const logger = pino(
    {
      level,
      base: { "service.id": identity.instanceId, "service.name": identity.name, "service.version": identity.version },
      messageKey: "msg",
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), bindings: withoutSecrets, log: withoutSecrets },
      serializers: {
        err: (error: unknown) => serializeError(error),
      },
      mixin() {
        const context = currentContext();
        return { caller: callerOf(), ...(context ? contextOfLogLine(context) : {}) };
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
  // Children inherit this: bindings pass no formatter on their way in.
  const child = logger.child;
  logger.child = function (this: typeof logger, bindings, ...rest) {
    return child.call(this, withoutSecrets(bindings), ...rest);
  } as typeof child;
  return logger as unknown as Logger;
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
