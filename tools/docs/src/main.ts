import { existsSync, writeFileSync } from "node:fs";
import { configurationPage, undeclaredNames } from "./configuration-page.ts";
import { contextPage } from "./context-page.ts";
import { errorsPage } from "./errors-page.ts";
import { deadLinks } from "./links.ts";
import { absolute, read } from "./repository.ts";
import { coveragePage } from "./surfaces/page.ts";

/**
 * Makes the pages of docs/ that come from the code, and says what keeps them from being whole; with `--check` nothing is
 * written, and a page that is stale is a problem too, as is a link from one file of the repository to nowhere.
 */
const isCheck = process.argv.includes("--check");
const configuration = await configurationPage();
const coverage = await coveragePage();
const pages = {
  "docs/errors.md": await errorsPage(),
  "docs/configuration.md": configuration.text,
  "docs/call-context.md": contextPage(),
  "docs/coverage.md": coverage.text,
};
const problems = [...configuration.problems, ...undeclaredNames(), ...coverage.problems];
for (const [file, text] of Object.entries(pages)) {
  if (!isCheck) writeFileSync(absolute(file), text);
  else if (!existsSync(absolute(file)) || read(file) !== text) {
    problems.push(`${file} is stale: run \`node --conditions=@weft/source tools/docs/src/main.ts\``);
  }
}
if (isCheck) problems.push(...deadLinks());
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);
