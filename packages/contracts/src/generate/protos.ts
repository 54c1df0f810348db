import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { banner } from "./banner.ts";
import { filesIn } from "./files-in.ts";
import type { Problem } from "./problems.ts";

const require = createRequire(import.meta.url);
const buf = join(require.resolve("@bufbuild/buf/package.json"), "../bin/buf");
const tsProto = join(require.resolve("ts-proto/package.json"), "../protoc-gen-ts_proto");

/** `generic-definitions`: methods as data with their codecs, no client and no server, so that `transport` makes both. */
const tsProtoOptions = [
  "outputServices=generic-definitions",
  "importSuffix=.ts",
  "outputJsonMethods=false",
  "outputPartialMethods=false",
  "outputIndex=true",
  "enumsAsLiterals=true",
  "esModuleInterop=true",
];

/**
 * Reads `proto/` of the schemas folder, which need not exist.
 * @param problems gets what does not parse, what is missing, and what two files declare
 * @returns a serialized `FileDescriptorSet`, empty where there is no gRPC
 */
export async function readProtos(schemasDir: string, problems: Problem[]): Promise<Uint8Array> {
  const protos = join(schemasDir, "proto");
  if (!filesIn(protos).some((file) => file.endsWith(".proto"))) return new Uint8Array();
  const how = ["--as-file-descriptor-set", "--exclude-source-info", "--error-format", "json", "-o", "-#format=binpb"];
  const { isDone, output, complaints } = await runBuf(["build", protos, ...how]);
  if (!isDone) problems.push(...problemsIn(complaints, schemasDir));
  return output;
}

/** The files of `grpc/`: messages and service definitions as ts-proto writes them, and one that names them by package. */
export async function emitGrpc(schemasDir: string, descriptorSet: Uint8Array): Promise<Map<string, string>> {
  const files = descriptorSet.length === 0 ? new Map<string, string>() : await tsProtoFiles(join(schemasDir, "proto"));
  // ts-proto indexes level by level; only the indexes that hold messages are of use.
  const packages: string[] = [];
  for (const [file, content] of files) {
    const [, name] = /^index\.?(.*)\.ts$/.exec(file) ?? [];
    if (name === undefined) continue;
    if (content.includes("export * from")) packages.push(name);
    else files.delete(file);
  }
  files.set("index.ts", banner + (packages.sort().map(exportOf).join("") || "export {};\n"));
  const encoded = Buffer.from(descriptorSet).toString("base64");
  files.set(
    "descriptor-set.ts",
    `${banner}/** Every file under \`schemas/proto\` as a serialized \`FileDescriptorSet\`, for server reflection. */\nexport const descriptorSet: Uint8Array = Buffer.from("${encoded}", "base64");\n`,
  );
  return new Map([...files].map(([file, content]) => [`grpc/${file}`, content]));
}

/** `inventory.v1` is exported as `inventoryV1`. */
function exportOf(name: string): string {
  const camelCase = name.replaceAll(/[._]([a-z])/g, (_separator, letter: string) => letter.toUpperCase());
  return `export * as ${camelCase} from "./index.${name}.ts";\n`;
}

async function tsProtoFiles(protos: string): Promise<Map<string, string>> {
  const out = mkdtempSync(join(tmpdir(), "weft-protos-"));
  try {
    const plugin = { local: [process.execPath, tsProto], strategy: "all", out, opt: tsProtoOptions };
    const { isDone, complaints } = await runBuf([
      "generate",
      protos,
      "--template",
      JSON.stringify({ version: "v2", plugins: [plugin] }),
    ]);
    if (!isDone) throw new Error(`ts-proto: ${complaints.trim()}`);
    return new Map(filesIn(out).map((file) => [file, readFileSync(join(out, file), "utf8")]));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** One problem a file: what follows from the first mistake in it helps nobody. */
function problemsIn(complaints: string, schemasDir: string): Problem[] {
  const byFile = new Map<string, Problem>();
  for (const line of complaints.split("\n").filter(Boolean)) {
    const { path, start_line, message } = complaintIn(line);
    const file = path === undefined ? "proto" : relative(realpathSync(schemasDir), resolve(path)).replaceAll("\\", "/");
    const place = start_line === undefined ? {} : { path: `line ${start_line}` };
    const wayOut = message.includes("declared multiple times") ? "; keep it in one file" : "";
    if (!byFile.has(file)) byFile.set(file, { file, ...place, problem: message + wayOut });
  }
  return [...byFile.values()];
}

function complaintIn(line: string): { path?: string; start_line?: number; message: string } {
  try {
    return JSON.parse(line);
  } catch {
    return { message: line };
  }
}

export function runBuf(args: string[]): Promise<{ isDone: boolean; output: Uint8Array; complaints: string }> {
  const bounds = { encoding: "buffer", maxBuffer: 64 * 1_048_576, timeout: 60_000 } as const;
  return new Promise((done) => {
    execFile(process.execPath, [buf, ...args], bounds, (error, output, complaints) =>
      done({ isDone: error === null, output, complaints: complaints.toString("utf8") || String(error?.message ?? "") }),
    );
  });
}
