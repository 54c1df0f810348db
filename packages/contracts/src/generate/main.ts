import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkContracts, generateContracts, SchemasInvalid } from "./index.ts";

const usage = "usage: main.ts [--check] [--schemas <folder>] [--out <folder>]";
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** @returns the exit code: 0 done or fresh, 1 wrong or stale, 2 wrong use */
async function main(args: string[]): Promise<number> {
  let options: { check: boolean; schemas: string; out: string };
  try {
    options = parseArgs({
      args,
      options: {
        check: { type: "boolean", default: false },
        schemas: { type: "string", default: here("../../../../schemas") },
        out: { type: "string", default: here("../../src/generated") },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
  const places = { schemasDir: options.schemas, outDir: options.out };
  try {
    if (!options.check) {
      const changed = await generateContracts(places);
      console.log(changed.length === 0 ? "nothing to do" : `written: ${changed.join(", ")}`);
      return 0;
    }
    const stale = await checkContracts(places);
    if (stale.length === 0) return 0;
    console.error(`stale: ${stale.join(", ")}; run \`pnpm weft schemas generate\` and commit what it writes`);
    return 1;
  } catch (error) {
    if (SchemasInvalid.is(error)) console.error(error.message);
    else console.error(`the contracts could not be generated: ${(error as Error).message}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
