import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { filesIn } from "../generate/files-in.ts";
import { runBuf } from "../generate/protos.ts";
import type { Finding } from "./finding.ts";

export interface EarlierProtos {
  /** What `proto/` held, by file as seen from there. */
  files: ReadonlyMap<string, string>;
  /** Where these are from, for people. */
  from: string;
}

/**
 * What clients and servers of the earlier `.proto` files could no longer say or read: the rules `FILE` of `buf breaking`,
 * which also keep generated code compiling.
 * @param schemasDir the folder with `proto/`, which need not exist
 */
export async function protoFindings(schemasDir: string, { files, from }: EarlierProtos): Promise<Finding[]> {
  if (files.size === 0) return [];
  const now = join(schemasDir, "proto");
  if (!filesIn(now).some((file) => file.endsWith(".proto")))
    return [...files.keys()].map((file) => removed(`proto/${file}`, from));
  // Real paths: that is how buf names files.
  const earlier = mkdtempSync(join(realpathSync(tmpdir()), "weft-protos-"));
  try {
    for (const [file, text] of files) {
      mkdirSync(dirname(join(earlier, file)), { recursive: true });
      writeFileSync(join(earlier, file), text);
    }
    const { isDone, output, complaints } = await runBuf([
      "breaking",
      now,
      "--against",
      earlier,
      "--error-format",
      "json",
    ]);
    if (isDone) return [];
    const lines = Buffer.from(output).toString("utf8").split("\n").filter(Boolean);
    if (lines.length === 0) throw new Error(`buf could not compare ${now}: ${complaints.trim()}`);
    return lines.map((line) => JSON.parse(line) as Complaint).flatMap((one) => told(one, { now, earlier, from }));
  } finally {
    rmSync(earlier, { recursive: true, force: true });
  }
}

interface Complaint {
  path?: string;
  start_line?: number;
  start_column?: number;
  type: string;
  message: string;
}

function told(
  { path, start_line, start_column, type, message }: Complaint,
  { now, earlier, from }: { now: string; earlier: string; from: string },
): Finding[] {
  const place = start_line === undefined ? "" : `${start_line}:${start_column ?? 1}`;
  const absolute = path === undefined ? undefined : resolve(path);
  const problem = message.replace(/\.$/, "");
  const base = { breaks: [], versions: [] };
  if (type === "FILE_NO_DELETE") {
    const file = /"(.+)"/.exec(message)?.[1] ?? "";
    // buf brings these itself, and counts the ones that an import names.
    return file.startsWith("google/protobuf/") ? [] : [removed(`proto/${file}`, from)];
  }
  if (type === "COMPILE" && absolute?.startsWith(earlier))
    return [
      {
        ...base,
        file: `proto/${slashed(relative(earlier, absolute))}`,
        path: place,
        change: "unreadable",
        problem: `did not compile in ${from}: ${problem}`,
        fix: "name a commit where it did with --against",
      },
    ];
  const file = absolute === undefined ? "proto" : `proto/${slashed(relative(realpathSync(now), absolute))}`;
  if (type === "COMPILE")
    return [
      { ...base, file, path: place, change: "unreadable", problem: `does not compile: ${problem}`, fix: "correct it" },
    ];
  return [
    {
      file,
      path: place,
      change: type.toLowerCase(),
      problem: `${problem}, as it is in ${from}`,
      breaks: ["new data, old consumers"],
      versions: [from],
      fix: fixOf(type, file),
    },
  ];
}

const slashed = (path: string) => path.replaceAll("\\", "/");

const removed = (file: string, from: string): Finding => ({
  file,
  path: "",
  change: "file_no_delete",
  problem: "is gone, and its clients and servers are still there",
  breaks: [],
  versions: [],
  fix: `bring the file back as ${from} has it`,
});

function fixOf(type: string, file: string): string {
  const newVersion = `make a new version of the package beside this one, ${nextVersion(file)}`;
  if (/^FIELD_NO_DELETE/.test(type)) return `put the field back, marked deprecated; or ${newVersion}`;
  if (/^FIELD_/.test(type))
    return `leave the field as it was and add another one with a number of its own; or ${newVersion}`;
  if (/^ENUM_VALUE_/.test(type)) return `put the value back under its number; or ${newVersion}`;
  return `take the change back; or ${newVersion}`;
}

/** `proto/inventory/v1/inventory.proto` → `proto/inventory/v2`. */
function nextVersion(file: string): string {
  const [, before, version] = /^(.*\/)v(\d+)\//.exec(file) ?? [];
  return version === undefined ? "in a folder v2" : `${before}v${Number(version) + 1}`;
}
