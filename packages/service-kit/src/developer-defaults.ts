import { readFileSync } from "node:fs";
import { defineError } from "@weft/core";

export const developmentEnvironment = "development";

export const SettingsMissing = defineError<{ environment: string; names: string[] }>({
  code: "SETTINGS_MISSING",
  kind: "invalid",
  message: ({ environment, names }) =>
    `set ${names.join(", ")}: the environment is "${environment}" (WEFT_ENVIRONMENT, or NODE_ENV=production), and only in "${developmentEnvironment}" a default of a developer's machine is taken`,
});

/**
 * Where a process runs: what WEFT_ENVIRONMENT says; where it says nothing, `production` if NODE_ENV is that, else `development`.
 */
export function environmentName({ WEFT_ENVIRONMENT, NODE_ENV }: NodeJS.ProcessEnv): string {
  if (WEFT_ENVIRONMENT) return WEFT_ENVIRONMENT;
  return NODE_ENV === "production" ? "production" : developmentEnvironment;
}

/** Names of the environment that are not set and whose default in the file, `${NAME:-default}`, is an address of this machine. */
export function loopbackDefaults(file: string, environment: NodeJS.ProcessEnv): string[] {
  const variables = readFileSync(file, "utf8").matchAll(/\$\{([A-Z][A-Z0-9_]*):-((?:[^{}]|\{[^{}]*\})*)\}/g);
  const names = [...variables].flatMap(([, name = "", fallback = ""]) =>
    !environment[name] && /127\.0\.0\.1|localhost|\[::1\]/.test(fallback) ? [name] : [],
  );
  return [...new Set(names)];
}
