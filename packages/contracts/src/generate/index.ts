import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkDocuments } from "./check-documents.ts";
import { emitDocuments, emitTypes, emitValidators, newGeneratorAjv } from "./emit.ts";
import { filesIn } from "./files-in.ts";
import { SchemasInvalid } from "./problems.ts";
import { emitGrpc, readProtos } from "./protos.ts";
import { readSchemas } from "./read-documents.ts";

export { type EarlierProtos, protoFindings } from "../compatibility/protos.ts";
export { type Problem, SchemasInvalid } from "./problems.ts";

export interface GenerateOptions {
  /** The folder with `events/`, `topics.json` and, where there is gRPC, `proto/`. */
  schemasDir: string;
  /** Where the generated sources are: `src/generated` of this package. Nothing else may be in it. */
  outDir: string;
}

/**
 * Makes types, validators and data from the documents, and messages and services from the protos. The same documents always give the same bytes.
 * Nothing is written unless every document is right; each file is replaced in one step.
 * @returns the files that changed, as seen from `outDir`
 * @throws SchemasInvalid with everything that is wrong, by file and path
 */
export async function generateContracts({ schemasDir, outDir }: GenerateOptions): Promise<string[]> {
  const wanted = await generated(schemasDir);
  const changed = differences(wanted, outDir);
  mkdirSync(outDir, { recursive: true });
  for (const name of changed) {
    const content = wanted.get(name);
    const path = join(outDir, name);
    if (content === undefined) rmSync(path);
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, content);
      renameSync(`${path}.new`, path);
    }
  }
  return changed;
}

/**
 * Says which generated files do not match the documents; none: they are fresh.
 * @throws SchemasInvalid as `generateContracts`
 */
export async function checkContracts({ schemasDir, outDir }: GenerateOptions): Promise<string[]> {
  return differences(await generated(schemasDir), outDir);
}

async function generated(schemasDir: string): Promise<Map<string, string>> {
  const { sources, topics, problems } = readSchemas(schemasDir);
  problems.push(...checkDocuments(sources, topics, newGeneratorAjv()));
  const descriptorSet = await readProtos(schemasDir, problems);
  if (problems.length > 0) throw new SchemasInvalid({ schemasDir, problems });
  return new Map([
    ["documents.ts", emitDocuments(sources, topics)],
    ["types.ts", await emitTypes(sources)],
    ["validators.ts", emitValidators(sources)],
    ...(await emitGrpc(schemasDir, descriptorSet)),
  ]);
}

function differences(wanted: Map<string, string>, outDir: string): string[] {
  const present = filesIn(outDir);
  const stray = present.filter((name) => !wanted.has(name));
  const stale = [...wanted].filter(
    ([name, content]) => !present.includes(name) || readFileSync(join(outDir, name), "utf8") !== content,
  );
  return [...stale.map(([name]) => name), ...stray].sort();
}
