import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadConfig } from "@weft/core";
import { configSchema } from "../../../packages/service-kit/src/config-schema.ts";
import { serviceVariables, variablesOfPrograms } from "./environment.ts";
import { absolute, deployedFolders, filesLike, read, serviceFolders, table } from "./repository.ts";

/** As far as the schemas of configuration files use JSON Schema. */
interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}

interface Field {
  path: string;
  schema: Schema;
  isRequired: boolean;
}

/** The fields of a schema in its own order; a group of fields only where it is described itself. */
function fieldsOf({ properties = {}, required = [] }: Schema, within = ""): Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${within}${name}`;
    const own = { path, schema, isRequired: required.includes(name) };
    const isGroup = schema.properties !== undefined && schema.description === undefined;
    return [...(isGroup ? [] : [own]), ...fieldsOf(schema, `${path}.`)];
  });
}

const code = (value: unknown) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

function typeOf({ title, enum: values, const: only, anyOf, type, items, minimum, maximum }: Schema): string {
  if (title !== undefined) return title;
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  if (values) return values.map(code).join(", ");
  if (only !== undefined) return code(only);
  const kind = [type ?? []].flat().filter((name) => name !== "null");
  const range = minimum === undefined ? "" : maximum === undefined ? `, from ${minimum}` : `, ${minimum} to ${maximum}`;
  return `${kind.join(" or ")}${items ? ` of ${typeOf(items)}` : ""}${range}`;
}

/** `config.yaml` as it is where no name of the environment is set. */
const fileOf = (folder: string) =>
  loadConfig<Record<string, unknown>>({ type: "object" }, absolute(`${folder}/config/config.yaml`), {});

const valueAt = (file: unknown, path: string): unknown =>
  path.split(".").reduce((value: unknown, part) => (value as Record<string, unknown> | undefined)?.[part], file);

/** The sections that a service declares for itself: what its `src/config.ts` exports as `…Sections`. */
async function ownSections(folder: string): Promise<Record<string, Schema>> {
  if (filesLike(`${folder}/src/config.ts`).length === 0) return {};
  const exported: Record<string, unknown> = await import(pathToFileURL(absolute(`${folder}/src/config.ts`)).href);
  const name = Object.keys(exported).find((one) => one.endsWith("Sections"));
  return name === undefined ? {} : (exported[name] as Record<string, Schema>);
}

/** `docs/configuration.md`, and what keeps it from being whole. */
export async function configurationPage(): Promise<{ text: string; problems: string[] }> {
  const problems: string[] = [];
  const describe = (place: string, { path, schema }: Field) => {
    if (schema.description === undefined) problems.push(`${place}: the field ${path} has no description in its schema`);
    return schema.description ?? "";
  };
  const shared = fieldsOf(configSchema({}) as Schema).map((field) => [
    code(field.path),
    typeOf(field.schema),
    field.schema.default !== undefined ? code(field.schema.default) : field.isRequired ? "required" : "",
    describe("packages/service-kit/src/config-schema.ts", field),
  ]);

  const own: string[] = [];
  for (const folder of deployedFolders()) {
    const fields = fieldsOf({ properties: await ownSections(folder) });
    if (fields.length === 0) continue;
    const file = fileOf(folder);
    const rows = fields.map((field) => {
      const stated = valueAt(file, field.path);
      return [
        code(field.path),
        typeOf(field.schema),
        stated === undefined || stated === null ? "" : code(stated),
        describe(`${folder}/src/config.ts`, field),
      ];
    });
    own.push(
      `### ${folder.slice("services/".length)}\n\n${table(["field", "type", "in its file", "meaning"], rows)}\n`,
    );
  }

  const ofServices = serviceVariables(deployedFolders()).map(({ name, fallback, fills, folders }) => [
    code(name),
    fallback === "" ? "" : code(fallback),
    fills.map(code).join(", "),
    folders.length === deployedFolders().length
      ? "all"
      : folders.map((one) => one.slice("services/".length)).join(", "),
  ]);
  const ofPrograms = variablesOfPrograms.map(({ name, fallback, meaning }) => [
    code(name),
    fallback === "" ? "" : code(fallback),
    meaning,
  ]);

  const text = `# Configuration

Made from the schema in \`packages/service-kit\`, from each service's \`config/config.yaml\` and from what the tools declare;
\`pnpm test\` fails when it is stale.

A service reads \`config/config.yaml\` in its own folder, or the file that \`--conf PATH\` (or \`--conf=PATH\`) names.
\`\${NAME:-default}\` in it is replaced from the environment; a name that is empty counts as not set, and one without a default
must be set. Without quotes a value is then read as YAML reads it (\`\${PORT:-8001}\` is a number); in quotes it stays a text.
Nothing in the environment can change the form of the file. Durations are \`800ms\`, \`15s\`, \`1m\` or \`1h\`.

## Fields of every service

*Required* is a field where the group that it stands in is given; \`server\` and \`consul\` always are, and a service with events
needs \`data.database\`, \`kafka\` and \`schema_registry\` too.

${table(["field", "type", "default", "meaning"], shared)}

## Sections of a service's own

Another section is refused, unless the service declares it: \`eventService(process.argv, { configFile, sections })\`.

${own.join("\n")}
## Names of the environment

What the files of the services take from it, with the field that each name fills. Under \`pnpm dev\` the addresses of the four
servers are those of the mesh, unless the environment names others.

${table(["name", "default", "fills", "in the file of"], ofServices)}

What \`pnpm dev\`, \`pnpm weft\` and, of \`WEFT_LOG_LEVEL\`, every service read themselves:

${table(["name", "default", "meaning"], ofPrograms)}

## A file that is refused

Nothing starts; every wrong field is named by its path, in one message on standard error, and the exit code is 2. Values that
may hold a password are not repeated. This one is what the catalog says of this file:

${refusedExample()}
`;
  return { text, problems };
}

const wrongFile = `server:
  http:
    addr: 127.0.0.1:\${WEFT_CATALOG_HTTP_PORT:-8001}
    timeout: 15 seconds
consul:
  adress: http://127.0.0.1:8500
  service:
    name: catalog-service
    version: 0.1.0
    health_check:
      interval: soon
data:
  database:
    driver: mysql
    source: mysql://weft:weft@127.0.0.1/catalog
    pool_size: 1
kafka:
  brokers: localhost
limits:
  rate: 5
`;

/** The file, and what a real service wrote when it was started with it. @throws where it was not refused as the page says */
function refusedExample(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-docs-"));
  try {
    writeFileSync(join(folder, "wrong.yaml"), wrongFile);
    const main = absolute("services/catalog/src/main.ts");
    const args = ["--conditions=@weft/source", "--disable-warning=ExperimentalWarning", main, "--conf", "wrong.yaml"];
    // Without any WEFT_… name that the caller may have: the page is the same everywhere.
    const environment = { PATH: process.env.PATH };
    const run = spawnSync(process.execPath, args, { cwd: folder, env: environment, encoding: "utf8", timeout: 30_000 });
    if (run.status !== 2 || run.stdout !== "") {
      throw new Error(`a wrong configuration ended with ${run.status}, not with 2:\n${run.stdout}${run.stderr}`);
    }
    return `\`\`\`yaml\n${wrongFile}\`\`\`\n\n\`\`\`text\n$ node --conditions=@weft/source services/catalog/src/main.ts --conf wrong.yaml\n${run.stderr}\`\`\``;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Names of the environment that code reads and that neither a file nor a tool declares. */
export function undeclaredNames(): string[] {
  const known = new Set([
    ...serviceVariables(serviceFolders()).map(({ name }) => name),
    ...variablesOfPrograms.map(({ name }) => name),
  ]);
  return filesLike("{packages,services,tools}/*/src/**/*.ts")
    .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
    .flatMap((file) =>
      [...new Set(read(file).match(/\bWEFT_[A-Z0-9_]*[A-Z0-9]\b/g))]
        .filter((name) => !known.has(name))
        .map((name) => `${file} names ${name}, which no config.yaml and no list of a tool's names declares`),
    );
}
