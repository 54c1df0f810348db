import { loadConfig } from "@weft/core";
import { environmentNames } from "../../cli/src/environment.ts";
import { absolute, read } from "./repository.ts";

/** A name of the environment in the configuration files of services. */
interface ServiceVariable {
  name: string;
  fallback: string;
  /** Paths of the fields that it fills. */
  fills: string[];
  /** `services/<name>` of the files that it stands in. */
  folders: string[];
}

/** Every `${NAME:-default}` of the services' files, by name. */
export function serviceVariables(folders: string[]): ServiceVariable[] {
  const byName = new Map<string, ServiceVariable>();
  for (const folder of folders) {
    const file = `${folder}/config/config.yaml`;
    const withoutComments = read(file).replace(/^\s*#.*$/gm, "");
    const variables = withoutComments.matchAll(/\$\{([A-Z][A-Z0-9_]*)(?::-((?:[^{}]|\{[^{}]*\})*))?\}/g);
    const fallbacks = new Map([...variables].map(([, name = "", fallback = ""]) => [name, fallback]));
    for (const [path, name] of filledFields(file, [...fallbacks.keys()])) {
      const known = byName.get(name) ?? { name, fallback: fallbacks.get(name)!, fills: [], folders: [] };
      if (!known.fills.includes(path)) known.fills.push(path);
      if (!known.folders.includes(folder)) known.folders.push(folder);
      byName.set(name, known);
    }
  }
  return [...byName.values()].sort(
    (a, b) => b.folders.length - a.folders.length || (a.name < b.name ? -1 : 1), // what all share comes first
  );
}

/** Fills the file with the names themselves and looks where they ended up. */
function filledFields(file: string, names: string[]): [path: string, name: string][] {
  const marker = /<<([A-Z0-9_]+)>>/g;
  const environment = Object.fromEntries(names.map((name) => [name, `<<${name}>>`]));
  const found: [string, string][] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "string") for (const [, name] of value.matchAll(marker)) found.push([path, name!]);
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) walk(inner, path === "" ? key : `${path}.${key}`);
  };
  walk(loadConfig({ type: "object" }, absolute(file), environment), "");
  return found;
}

/** What programs read besides their files. */
export const variablesOfPrograms = [
  {
    name: "WEFT_LOG_LEVEL",
    fallback: "info",
    meaning: "Least level that is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal`, `silent`",
  },
  ...Object.entries(environmentNames).map(([name, { meaning, ...rest }]) => ({
    name,
    fallback: "default" in rest ? String(rest.default) : "",
    meaning,
  })),
];
