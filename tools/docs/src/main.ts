import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { definedErrors } from "@weft/core";

/**
 * Makes docs/errors.md from the errors that the code defines; with `--check` it only says whether the page is up to date, and
 * whether every link from one file of the repository to another leads somewhere.
 * Every file that defines errors is imported: no module starts work when imported, so this is safe.
 */
const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = join(root, "docs/errors.md");

const files = globSync("{packages,services,tools}/*/src/**/*.ts", { cwd: root })
  .filter((file) => !file.endsWith(".test.ts") && !file.startsWith("tools/docs/"))
  .filter((file) => readFileSync(join(root, file), "utf8").includes("defineError<"))
  .sort();

const places = new Map<string, string[]>();
for (const file of files) {
  await import(pathToFileURL(join(root, file)).href);
  const text = readFileSync(join(root, file), "utf8");
  for (const { code } of definedErrors()) {
    if (text.includes(`code: "${code}"`)) places.set(code, [...(places.get(code) ?? []), file]);
  }
}

const byCode = definedErrors().sort((a, b) => (a.code < b.code ? -1 : 1));
const rows = byCode.map(
  ({ code, kind, retryable }) =>
    `| \`${code}\` | ${kind} | ${retryable ? "yes" : "no"} | ${(places.get(code) ?? []).map((file) => `[${file.split("/").slice(0, 2).join("/")}](../${file})`).join(", ")} |`,
);
const text = `# Errors

Every error that Weft's code defines. Made from the code by \`tools/docs\`; \`pnpm test\` fails when it is stale.
Callers branch on the code; the kind decides the HTTP status and the gRPC code (\`packages/transport\`). *Retryable*: the same
request may succeed later.

| code | kind | retryable | defined in |
|---|---|---|---|
${rows.join("\n")}
`;

/** Relative links in Markdown that lead nowhere. */
function deadLinks(): string[] {
  const pages = globSync("{*.md,docs/**/*.md,{packages,services,tools,schemas,infra,tests}/**/*.md}", {
    cwd: root,
    exclude: (name) => name.includes("node_modules"),
  });
  return pages.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target ?? "")
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(file), target)))
      .map((target) => `${file} links to ${target}, which does not exist`),
  );
}

if (!process.argv.includes("--check")) {
  writeFileSync(page, text);
} else {
  const problems = deadLinks();
  if (!existsSync(page) || readFileSync(page, "utf8") !== text) {
    problems.push("docs/errors.md is stale: run `node --conditions=@weft/source tools/docs/src/main.ts`");
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
process.exit();
