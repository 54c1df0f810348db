import { read } from "../repository.ts";
import type { SuiteTest } from "./collect.ts";

/** A test that says what it shows: of which subjects, and which of their cases. */
export interface Claim {
  file: string;
  title: string;
  /** Names of subjects; none where only a convention is shown that holds everywhere. */
  subjects: string[];
  cases: string[];
}

const subjectPatterns = [
  /\b(?:GET|POST|PUT|PATCH|DELETE|ANY) \/[^\s,;[\]"]*/g,
  /\b[a-z]\w*(?:\.\w+)*\.[A-Z]\w*\/[A-Z]\w*/g,
  /\b[\w-]+\.events → [\w-]+/g,
];
const casePattern = /\[([A-Za-z0-9_.]+(?: \d+\.\d+)?)\]/g;

const subjectsIn = (title: string) =>
  subjectPatterns.flatMap((pattern) => title.match(pattern) ?? []).map((name) => name.replace(/[:.]$/, ""));

/** What a test claims: cases in brackets at the end of its title, of the subjects that it or what is around it names. */
export function claimOf({ title, within, file }: SuiteTest): Claim | undefined {
  const tail = /(?:\s*\[[^\]]+\])+$/.exec(title)?.[0] ?? "";
  const cases = [...tail.matchAll(casePattern)].map(([, name]) => name!);
  if (cases.length === 0) return undefined;
  const subjects = [title, ...within.toReversed()].map(subjectsIn).find((found) => found.length > 0) ?? [];
  return { file, title, subjects, cases };
}

/** What the source of a test must name where it claims a case that is no error and no event. */
const evidence: Record<string, RegExp> = {
  OK: /\bOK\b|expect\(/,
  VALIDATION_ERROR: /VALIDATION_ERROR|expectInvalid\(/,
  cursor: /cursor/i,
  idempotent: /idempoten/i,
  anonymous: /anonymous|\bnull\b/,
  owner: /owner|\bown\b|token|customer/i,
  other: /other|stranger|token|customer/i,
  customer: /customer/i,
  // Who asks without naming a token is an admin.
  admin: /admin|mesh\.api\(/i,
};

/** An event is named by its type, or by what it is about: a test may begin with the request that publishes it. */
function eventEvidence(name: string): RegExp | undefined {
  const [, about] = /^([A-Z][a-z]+)[A-Z]/.exec(name) ?? [];
  return about === undefined ? undefined : new RegExp(about, "i");
}

/** Cases that neither the test nor its row, nor what it calls in the same file, names. */
export function unfoundedCases({ body, file }: SuiteTest, { cases }: Claim): string[] {
  const text = `${body}\n${calledIn(file, body)}`;
  return cases.filter((name) => {
    const [plain = name, version] = name.split(" ");
    const pattern = evidence[name] ?? eventEvidence(plain) ?? new RegExp(`\\b${plain}\\b`);
    return !pattern.test(text) || (version !== undefined && !text.includes(version));
  });
}

/** Source of the functions and constants of the file that a text names, and of those that they name. */
function calledIn(file: string, text: string): string {
  const known = definitionsOf(file);
  const reached = new Set<string>();
  const reach = (source: string) => {
    for (const [name] of source.matchAll(/\b[A-Za-z_]\w*\b/g)) {
      if (reached.has(name) || !known.has(name)) continue;
      reached.add(name);
      reach(known.get(name)!);
    }
  };
  reach(text);
  return [...reached].map((name) => known.get(name)).join("\n");
}

const definitions = new Map<string, Map<string, string>>();

/** From `const name` to the line that ends it at the same depth: as far as formatted code can be read without a parser. */
function definitionsOf(file: string): Map<string, string> {
  const known = definitions.get(file);
  if (known) return known;
  const found = new Map<string, string>();
  const lines = read(file).split("\n");
  for (const [index, line] of lines.entries()) {
    const [, indent, name] = /^(\s*)(?:const|(?:async )?function) (\w+)/.exec(line) ?? [];
    if (indent === undefined || name === undefined) continue;
    const isEnd = (one: string) => one.startsWith(indent) && /^(?!\s).*[;}]$/.test(one.slice(indent.length));
    const end = lines.findIndex((one, at) => at >= index && isEnd(one));
    const source = lines.slice(index, end + 1).join("\n");
    if (!/\b(describe|it)(\.each)?\(/.test(source)) found.set(name, source);
  }
  definitions.set(file, found);
  return found;
}
