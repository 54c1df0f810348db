import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serviceParts } from "../dev/parts.ts";
import { repositoryRoot } from "../layout.ts";
import { WrongUse } from "../wrong-use.ts";
import { assertKebabCase, camelCase, pascalCase, pluralOf, singularOf, snakeCase } from "./names.ts";
import { renderFolder } from "./render.ts";

export interface NewService {
  /** `services/returns` */
  folder: string;
  /** As in Consul. */
  service: string;
  path: string;
  port: number;
  files: string[];
}

/**
 * Writes a service that works: one kind of thing that it owns, with routes, a table, a subscription and tests.
 * @param name its folder: `gift-cards`
 * @param options `owns`: one of the things that it owns, by default the singular of `name`
 * @throws WrongUse for names that cannot be, or that are taken
 */
export function newService(name: string, { owns = singularOf(name) }: { owns?: string }): NewService {
  assertKebabCase("the service's name", name);
  assertKebabCase("what it owns", owns);
  if (name.endsWith("-service")) {
    throw new WrongUse({ message: `leave -service away: ${name.replace(/-service$/, "")} is registered as ${name}` });
  }
  const target = join(repositoryRoot, "services", name);
  if (existsSync(target)) throw new WrongUse({ message: `services/${name} exists already` });

  const owned = pluralOf(owns);
  const port = nextPort();
  const path = `/v1/${owned}`;
  const thing = camelCase(owns);
  const things = camelCase(owned);
  const files = renderFolder("service", target, {
    name,
    ENV: snakeCase(name).toUpperCase(),
    port: String(port),
    path,
    database: snakeCase(name),
    word: owns.replaceAll("-", " "),
    words: owned.replaceAll("-", " "),
    thing,
    things,
    Thing: pascalCase(owns),
    camel: thing,
    table: snakeCase(owned),
    id_column: `${snakeCase(owns)}_id`,
    idField: `${thing}Id`,
    CODE: snakeCase(owns).toUpperCase(),
    prefix: owns.replaceAll("-", "").slice(0, 4),
  });
  // Names are of every length: where lines break is the formatter's to say.
  execFileSync(join(repositoryRoot, "node_modules/.bin/biome"), ["check", "--write", target], { stdio: "ignore" });
  return { folder: `services/${name}`, service: `${name}-service`, path, port, files };
}

/** The first one after those that services have by default. */
function nextPort(): number {
  const taken = new Set(serviceParts().map(({ httpPort }) => httpPort));
  let port = 8001;
  while (taken.has(port) || port === 8080 || port === 8081 || port === 8090) port += 1;
  return port;
}
