import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const planted: string[] = [];

/** Writes one file with one import where it is not allowed, and gives back the rules that were broken by it. */
function plant(file: string, line: string): string[] {
  const path = join(root, file);
  planted.push(path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${line}\nexport {};\n`);
  const run = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs"),
      "--config",
      ".dependency-cruiser.cjs",
      "--output-type",
      "json",
      file,
    ],
    { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const { summary } = JSON.parse(run.stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
}

afterEach(() => {
  for (const path of planted.splice(0)) rmSync(path, { force: true });
});

describe("import rules", () => {
  it.each([
    [
      "core imports nothing of ours",
      "packages/core/src/planted-by-a-test.ts",
      'import "../../contracts/src/index.ts";',
      "core-imports",
    ],
    [
      "messaging does not know the outbox",
      "packages/messaging/src/planted-by-a-test.ts",
      'import "../../outbox/src/index.ts";',
      "messaging-imports",
    ],
    [
      "types count as imports",
      "packages/discovery/src/planted-by-a-test.ts",
      'export type { Route } from "../../transport/src/index.ts";',
      "discovery-imports",
    ],
    [
      "the embedded servers know the contracts and nothing above them",
      "packages/embedded/src/planted-by-a-test.ts",
      'import "../../messaging/src/index.ts";',
      "embedded-imports",
    ],
    [
      "kafkajs is named in one folder",
      "packages/messaging/src/planted-by-a-test.ts",
      'import "kafkajs";',
      "kafkajs-in-one-folder",
    ],
    [
      "consul is named in one folder",
      "packages/discovery/src/planted-by-a-test.ts",
      'import "consul";',
      "consul-in-one-folder",
    ],
    [
      "opossum is named in one folder",
      "packages/transport/src/planted-by-a-test.ts",
      'import "opossum";',
      "opossum-in-one-folder",
    ],
    [
      "services meet only in schemas",
      "services/catalog/src/planted-by-a-test.ts",
      'import "../../pricing/src/main.ts";',
      "services-do-not-meet",
    ],
    [
      "a service never ships an embedded server",
      "services/catalog/src/planted-by-a-test.ts",
      'import "../../../packages/embedded/src/index.ts";',
      "no-test-servers-in-services",
    ],
    [
      "the domain is pure",
      "services/promotion/src/domain/planted-by-a-test.ts",
      'import "../app.ts";',
      "domain-is-pure",
    ],
  ])("%s", (_name, file, line, rule) => {
    expect(plant(file, line)).toContain(rule);
  });
});
