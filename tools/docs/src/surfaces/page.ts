import { table } from "../repository.ts";
import { type Claim, claimOf, unfoundedCases } from "./claims.ts";
import { collectTests, type SuiteTest } from "./collect.ts";
import { commonCodes, type Subject, surface } from "./surface.ts";

/** `docs/coverage.md`, and every hole in it: one line each, saying which test to write. */
export const coveragePage = async () => coverageOf(await surface(), await collectTests());

export function coverageOf(subjects: Subject[], tests: SuiteTest[]): { text: string; problems: string[] } {
  const problems: string[] = [];
  // By what they show: a suite that runs in two meshes is told of once.
  const byText = new Map<string, Claim>();
  for (const test of tests) {
    const claim = claimOf(test);
    if (!claim || byText.has(JSON.stringify(claim))) continue;
    byText.set(JSON.stringify(claim), claim);
    const unfounded = unfoundedCases(test, claim);
    if (unfounded.length > 0) problems.push(`${place(claim)} claims ${bracketed(unfounded)}, which it does not name`);
  }
  const claims = [...byText.values()];
  problems.push(...claims.flatMap((claim) => falseClaims(claim, subjects)));

  const showing = (subject: Subject, name: string) =>
    claims.filter((claim) => claim.subjects.includes(subject.name) && isShown(name, claim.cases));
  const sections = [...Map.groupBy(subjects, ({ group }) => group)].map(([group, members]) => {
    const rows = members.flatMap((subject) =>
      subject.cases.map((name) => {
        const shownBy = showing(subject, name);
        if (shownBy.length === 0) problems.push(hole(subject, name));
        return [`\`${subject.name}\``, name, links(shownBy)];
      }),
    );
    return `## ${group}\n\n${table(["surface", "case", "shown by"], rows)}\n`;
  });
  const common = commonCodes.map((code) => {
    const shownBy = claims.filter(({ cases }) => cases.includes(code));
    if (shownBy.length === 0) problems.push(`no test shows ${code}: write one whose title ends with [${code}]`);
    return [code, links(shownBy)];
  });
  const text = `# What is shown by which test

Every route, gRPC method, role, error code and event, from what the services say of themselves (\`--describe\`), the gateway's
table of roles and the contracts; beside it the mesh tests that show it, by what their titles say in brackets.
Made by \`tools/docs\`; \`pnpm test\` fails where something is shown by no test, where a test claims what it does not name, and
where this page is stale. A number or \`OK\` is the success; \`cursor\`: page by page, and cursors that nobody gave out;
\`idempotent\`: the same \`Idempotency-Key\` again; *anonymous*, *owner*, *other*, *admin*: who asks, as far as the gateway tells
them apart. An event with a version is an older minor that is still read.

${sections.join("\n")}
## Errors that any operation may answer with

${table(["code", "shown by"], common)}
`;
  return { text, problems };
}

const place = ({ file, title }: Claim) => `${file}: "${title}"`;
const bracketed = (cases: string[]) => cases.map((name) => `[${name}]`).join(" ");

/** A test that feeds an older minor shows the event too. */
const isShown = (name: string, cases: string[]) => cases.some((one) => one === name || one.replace(/ .*/, "") === name);

function links(claims: Claim[]): string {
  const withoutCases = (title: string) => title.replace(/(\s*\[[^\]]+\])+$/, "").replace(/[[\]]/g, "\\$&");
  return claims.map(({ file, title }) => `[${withoutCases(title)}](../${file})`).join("<br>");
}

function hole({ group, name }: Subject, missing: string): string {
  const suite = group === "events" ? name : `${group}: ${name}`;
  return `no test shows ${suite} [${missing}]: write one in describe("${suite}", …) whose title ends with [${missing}]`;
}

/** Subjects that there are not, and cases that none of the claimed subjects has. */
function falseClaims(claim: Claim, subjects: Subject[]): string[] {
  const claimed = subjects.filter(({ name }) => claim.subjects.includes(name));
  const unknown = claim.subjects.filter((name) => !claimed.some((subject) => subject.name === name));
  const always = new Set([...commonCodes, "200", "201", "OK", "anonymous", "owner", "other", "customer", "admin"]);
  const known = claimed.flatMap(({ cases }) => cases);
  const strange = claim.cases.filter((name) => !always.has(name) && !isShown(name, known) && !known.includes(name));
  return [
    ...unknown.map((name) => `${place(claim)} is about ${name}, which nobody serves`),
    ...(unknown.length === 0 ? strange : []).map((name) => `${place(claim)} claims [${name}], which is no case of it`),
  ];
}
