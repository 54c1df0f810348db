import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ConfigurationInvalid,
  createLogger,
  defineError,
  type FieldErrors,
  type Logger,
  type ServiceIdentity,
  WeftError,
} from "@weft/core";
import type { JsonSchema } from "@weft/transport";
import { loadServiceConfig, type ServiceConfig } from "./config.ts";
import { developmentEnvironment, loopbackDefaults, SettingsMissing } from "./developer-defaults.ts";
import { type MetricsText, prometheusMetrics } from "./metrics.ts";

const WrongUse = defineError<{ problem: string }>({
  code: "WRONG_USE",
  kind: "invalid",
  message: ({ problem }) => `${problem}; --help shows what there is`,
});

/** Sections that one kind of service cannot do without, with their place in the file. */
const sectionOf = { database: "data.database", kafka: "kafka", schemaRegistry: "schema_registry" } as const;

export interface ConfigureOptions {
  configFile: URL;
  sections: Record<string, JsonSchema>;
  needs: (keyof typeof sectionOf)[];
  /** Asked outside of development for what the service's own sections lack there. @returns names of the environment */
  missing?: (config: ServiceConfig) => string[];
}

/** A process knows who it is, how to speak of it and what was asked of it. */
export interface Configured<Own> {
  /** Where `config` was read. */
  file: string;
  config: ServiceConfig<Own>;
  identity: ServiceIdentity;
  log: Logger;
  metrics: MetricsText;
  /** `--describe` was asked for: `run` prints what the service is instead of running it. */
  isDescribing: boolean;
}

/**
 * @param argv `process.argv`: `--conf PATH`, `--conf=PATH`, `--describe`, `--help`
 * @throws WrongUse   @throws ConfigurationInvalid with the path of every wrong field   @throws SettingsMissing
 */
function configure<Own>(argv: readonly string[], options: ConfigureOptions) {
  const { configFile, sections, needs } = options;
  const { conf, isDescribing, isHelp } = parseArguments(argv.slice(2));
  if (isHelp) return "help" as const;
  const file = conf ?? relative(process.cwd(), fileURLToPath(configFile));
  const config = loadServiceConfig<Own>({ file, sections });
  const missing: FieldErrors = {};
  for (const need of needs) if (config[need] === undefined) missing[sectionOf[need]] = "is required";
  if (Object.keys(missing).length > 0) throw new ConfigurationInvalid({ path: file, fieldErrors: missing });
  // Whoever only describes itself reaches nobody.
  if (!isDescribing) assertComplete(file, config, options);
  return { file, config, isDescribing };
}

function assertComplete(file: string, config: ServiceConfig, { missing }: ConfigureOptions): void {
  const { environment } = config;
  if (environment === developmentEnvironment) return;
  const names = [...(missing?.(config) ?? []), ...loopbackDefaults(file, process.env)];
  if (names.length > 0) throw new SettingsMissing({ environment, names });
}

/** `configure`, or the end of the process: usage and exit code 0 for `--help`, one message and exit code 2 for what is wrong. */
export function configureOrExit<Own>(argv: readonly string[], options: ConfigureOptions): Configured<Own> {
  const { file, config, isDescribing } = tryConfigure<Own>(argv, options);
  const { name, version } = config.consul.service;
  const identity = { name, version, instanceId: `${name}-${randomBytes(6).toString("hex")}` };
  return {
    file,
    config,
    identity,
    log: createLogger(identity),
    metrics: prometheusMetrics({ service: name }),
    isDescribing,
  };
}

function tryConfigure<Own>(argv: readonly string[], options: ConfigureOptions) {
  try {
    const configured = configure<Own>(argv, options);
    if (configured !== "help") return configured;
    writeSync(1, usage(options));
  } catch (error) {
    if (![ConfigurationInvalid, WrongUse, SettingsMissing].some((known) => known.is(error))) throw error;
    writeSync(2, `${(error as Error).message}\n`);
    process.exit(2);
  }
  process.exit(0);
}

/** Builds a collaborator from configured options; what it refuses about them ends the process as a wrong file does. */
export function buildOrExit<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof WeftError) || error.kind !== "invalid") throw error;
    writeSync(2, `${error.message}\n`);
    process.exit(2);
  }
}

function parseArguments(args: readonly string[]): { conf?: string; isDescribing: boolean; isHelp: boolean } {
  let conf: string | undefined;
  let isDescribing = false;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index]!;
    if (argument === "--help" || argument === "-h") return { isDescribing, isHelp: true };
    if (argument === "--describe") {
      isDescribing = true;
      continue;
    }
    const isConf = argument === "--conf" || argument.startsWith("--conf=");
    if (!isConf) throw new WrongUse({ problem: `${argument} is not an option of this program` });
    const value = argument === "--conf" ? args[++index] : argument.slice("--conf=".length);
    if (value === undefined || value === "") throw new WrongUse({ problem: "--conf needs the path of a file" });
    conf = value;
  }
  return { conf, isDescribing, isHelp: false };
}

const usage = ({ configFile }: ConfigureOptions) => `Usage: main [--conf PATH] [--describe]

  --conf PATH   configuration file; otherwise ${relative(process.cwd(), fileURLToPath(configFile))}
  --describe    starts nothing and prints what the service serves, calls, publishes and reads, as JSON
  --help        this text

\${NAME:-default} in the file is replaced from the environment (WEFT_KAFKA_BROKERS, WEFT_CONSUL_URL, WEFT_LOG_LEVEL …).
Stops in order on SIGTERM and SIGINT. Exit codes: 0 stopped, 1 failed, 2 wrong option or configuration.
`;
