import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { environmentName, loopbackDefaults } from "./developer-defaults.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-defaults-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the environment of a process", () => {
  it.each([
    [{}, "development"],
    [{ NODE_ENV: "test" }, "development"],
    [{ NODE_ENV: "production" }, "production"],
    [{ NODE_ENV: "production", WEFT_ENVIRONMENT: "" }, "production"],
    [{ NODE_ENV: "production", WEFT_ENVIRONMENT: "development" }, "development"],
    [{ WEFT_ENVIRONMENT: "staging" }, "staging"],
  ])("%j is %s", (environment, name) => expect(environmentName(environment)).toBe(name));
});

describe("defaults of a developer's machine", () => {
  it("are those that are addresses of it and are not set", () => {
    const file = join(folder, "config.yaml");
    writeFileSync(
      file,
      `server: { addr: "\${WEFT_HOST:-127.0.0.1}:\${WEFT_PORT:-80}" }
source: "\${WEFT_POSTGRES_URL:-postgres://weft:weft@127.0.0.1:5432/{database}}"
a: \${WEFT_A:-http://localhost:1}
b: \${WEFT_B:-http://[::1]:1}
c: \${WEFT_A:-http://localhost:1}
d: \${WEFT_D:-db.example.com}
e: \${WEFT_E}
f: 127.0.0.1
`,
    );
    expect(loopbackDefaults(file, { WEFT_B: "http://127.0.0.1:1", WEFT_HOST: "" })).toEqual([
      "WEFT_HOST",
      "WEFT_POSTGRES_URL",
      "WEFT_A",
    ]);
  });
});
