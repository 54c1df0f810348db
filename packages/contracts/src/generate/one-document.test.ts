import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "@jest/globals";

const schemas = fileURLToPath(new URL("../../../../schemas", import.meta.url));
const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const history = "events/promotion/history/promotion-created.1.0.json";
const applied = "events/promotion/promotion-applied.json";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-one-document-"));
  cpSync(schemas, join(folder, "schemas"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function copy(from: string, to: string, change: (document: { version: string }) => void = () => {}): void {
  const target = join(folder, "schemas", to);
  mkdirSync(dirname(target), { recursive: true });
  const document = JSON.parse(readFileSync(join(folder, "schemas", from), "utf8"));
  change(document);
  writeFileSync(target, JSON.stringify(document));
}

const generate = () =>
  new Promise<{ code: unknown; stderr: string }>((done) => {
    const args = ["--schemas", join(folder, "schemas"), "--out", join(folder, "out")];
    execFile(process.execPath, ["--conditions=@weft/source", main, ...args], (error, _stdout, stderr) =>
      done({ code: error?.code ?? 0, stderr }),
    );
  });

it.each<[string, () => void, RegExp]>([
  [
    "two documents for one event type",
    () => copy(applied, "events/sales/promotion-applied.json"),
    /^ {2}events\/sales\/promotion-applied\.json: holds PromotionApplied in major 1, and so does events\/promotion\/promotion-applied\.json: one event type and major has one document;/,
  ],
  [
    "two documents of one version",
    () => copy(history, "events/sales/history/promotion-created.1.0.json"),
    /^ {2}events\/sales\/history\/promotion-created\.1\.0\.json: holds PromotionCreated 1\.0, and so does events\/promotion\/history\/promotion-created\.1\.0\.json: one version has one document;/,
  ],
  [
    "a document with another event's file name",
    () => renameSync(join(folder, "schemas", applied), join(folder, "schemas/events/promotion/applied.json")),
    /^ {2}events\/promotion\/applied\.json: holds PromotionApplied 1\.0: call the file promotion-applied\.json$/,
  ],
  [
    "history with another version's file name",
    () => renameSync(join(folder, "schemas", history), join(folder, "schemas", history.replace("1.0", "1.00"))),
    /^ {2}events\/promotion\/history\/promotion-created\.1\.00\.json: holds PromotionCreated 1\.0: call the file promotion-created\.1\.0\.json$/,
  ],
])("generate refuses %s in one line that says what to do", async (_name, breakIt, line) => {
  breakIt();
  const { code, stderr } = await generate();
  const [summary, problem, ...more] = stderr.trimEnd().split("\n");
  expect({ code, more }).toEqual({ code: 1, more: [] });
  expect(summary).toMatch(/^one problem in .*schemas:$/);
  expect(problem).toMatch(line);
});
