import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Earlier,
  type Finding,
  findingsOf,
  type RegisteredSubject,
  readSchemas,
  sentence,
} from "@weft/contracts/compatibility";
import { Command, Option } from "commander";
import { httpUrl } from "../addresses.ts";
import { repositoryRoot, stateDirectory } from "../layout.ts";
import { readRuntime } from "../runtime.ts";
import { WrongUse } from "../wrong-use.ts";
import { note, print, printJson } from "./print.ts";
import { type Base, baseOf, filesOf, schemaFiles } from "./schemas-git.ts";

interface CheckOptions {
  against?: string;
  registry?: string;
  schemaRegistry?: string;
  schemas: string;
  json?: boolean;
}

export function checkCommand(): Command {
  return new Command("check")
    .description("refuse what does not go together with what is published, deployed or registered")
    .option(
      "--against <ref>",
      "the commit to compare with; without it, where this branch left the default branch, or HEAD",
    )
    .option("--registry <url>", "compare with what is registered there, too; `runtime` is the mesh that runs here")
    .addOption(new Option("--schema-registry <url>", "the same as --registry").hideHelp())
    .option("--schemas <folder>", "the folder with events/ and topics.json", join(repositoryRoot, "schemas"))
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nAlways compares each document with its history/. Exit code 0: nothing is wrong; 1: something is, by file and path, with the change that would fix it; 2: wrong use.",
    )
    .action(async (options: CheckOptions) => {
      const report = await check(options);
      if (options.json) printJson(report);
      else tell(report);
      if (report.findings.length > 0) process.exitCode = 1;
    });
}

interface Report {
  compatible: boolean;
  against: Base | null;
  registry: string | null;
  checked: { events: number; olderVersions: number; protos: number };
  notes: string[];
  findings: Finding[];
}

async function check(options: CheckOptions): Promise<Report> {
  const schemasDir = resolve(options.schemas);
  if (!existsSync(join(schemasDir, "events")))
    throw new WrongUse({ message: `--schemas must be a folder with events/ in it, and ${schemasDir} is none` });
  const registry = registryUrl(options);
  const notes: string[] = [];
  const { base, note: why } = await baseOf(schemasDir, options.against);
  if (why !== undefined) notes.push(why);

  const now = readSchemas(schemasDir);
  const findings = now.problems.map((problem) => unreadable(problem));
  const before = base === undefined ? undefined : await filesOf(schemasDir, base);
  if (base && before?.size === 0) notes.push(`Not compared with ${base.name}, which has no ${options.schemas}.`);
  const earlier = base && before && before.size > 0 ? earlierDocuments(base, before, findings) : undefined;
  const registered = registry === undefined ? undefined : await registeredIn(registry, now.topics);
  findings.push(
    ...findingsOf(
      { sources: now.sources, unreadable: new Set(now.problems.map(({ file }) => file)) },
      { ...(earlier ? { earlier } : {}), ...(registered ? { registered } : {}) },
    ),
  );
  const protos = new Map([...(before ?? [])].flatMap(([file, text]) => protoOf(file, text)));
  if (base && protos.size > 0) {
    // Only here: it brings a compiler along.
    const { protoFindings } = await import("@weft/contracts/generate");
    findings.push(...(await protoFindings(schemasDir, { files: protos, from: base.name })));
  }
  const olderVersions = new Set(
    [...now.sources, ...(earlier?.sources ?? [])].flatMap(({ history }) => history.map(({ file }) => file)),
  );
  return {
    compatible: findings.length === 0,
    against: earlier ? (base ?? null) : null,
    registry: registry ?? null,
    checked: { events: now.sources.length, olderVersions: olderVersions.size, protos: protos.size },
    notes,
    findings,
  };
}

const protoOf = (file: string, text: string): [string, string][] =>
  file.startsWith("proto/") && file.endsWith(".proto") ? [[file.slice("proto/".length), text]] : [];

function registryUrl({ registry, schemaRegistry }: CheckOptions): string | undefined {
  const asked = registry ?? schemaRegistry;
  if (asked === "runtime") return readRuntime(stateDirectory).schemaRegistry.url;
  return asked === undefined ? undefined : httpUrl(registry === undefined ? "--schema-registry" : "--registry", asked);
}

async function registeredIn(url: string, topics: { name: string; kind: string }[]): Promise<RegisteredSubject[]> {
  const { registeredSubjects } = await import("./schemas-registry.ts");
  return registeredSubjects(
    url,
    topics.filter(({ kind }) => kind === "events").map(({ name }) => name),
  );
}

function unreadable(problem: { file: string; path?: string; problem: string }, from?: string): Finding {
  return {
    file: problem.file,
    path: problem.path ?? "",
    change: "unreadable",
    problem: from === undefined ? problem.problem : `in ${from}, ${problem.problem}`,
    breaks: [],
    versions: [],
    fix: from === undefined ? "" : "name a commit where it is right with --against",
  };
}

/** What cannot be read in the commit is told and not compared: a comparison with half of it would say that the rest is new. */
function earlierDocuments(base: Base, before: ReadonlyMap<string, string>, findings: Finding[]): Earlier {
  const { sources, problems } = readSchemas(schemaFiles(before));
  findings.push(...problems.map((problem) => unreadable(problem, base.name)));
  return { sources, from: base.name };
}

function tell({ against, registry, checked, notes, findings }: Report): void {
  for (const line of notes) note(line);
  let file: string | undefined;
  for (const finding of findings.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))) {
    if (finding.file !== file) print(finding.file);
    file = finding.file;
    print(`  ${sentence(finding)}`);
  }
  const counted = `${count(checked.events, "event")}, ${count(checked.olderVersions, "older version")}${checked.protos > 0 ? ` and ${count(checked.protos, "proto")}` : ""}`;
  const places = ["history/", ...(against ? [against.name] : []), ...(registry === null ? [] : [registry])];
  const verdict = findings.length === 0 ? "all go together" : `${count(findings.length, "change")} refused`;
  print(`${counted} compared with ${places.join(", ")}: ${verdict}.`);
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
