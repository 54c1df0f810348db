import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { ConfigurationInvalid, loadConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const schema = {
  type: "object",
  properties: {
    server: {
      type: "object",
      properties: { port: { type: "integer", minimum: 1, maximum: 65535 }, host: { type: "string" } },
      required: ["port"],
      additionalProperties: false,
    },
    brokers: { type: "array", items: { type: "string" } },
    logLevel: { type: "string", enum: ["info", "debug"] },
  },
  required: ["server"],
  additionalProperties: false,
};

function load(text: string, environment: NodeJS.ProcessEnv = {}): unknown {
  const path = join(folder, "config.yaml");
  writeFileSync(path, text);
  return loadConfig(schema, path, environment);
}

function fieldErrors(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (ConfigurationInvalid.is(error)) return error.details?.field_errors;
    throw error;
  }
  return undefined;
}

describe("loadConfig", () => {
  it("takes a variable from the environment, and the default where it is absent or empty", () => {
    const text = `server: { port: \${PORT:-8001}, host: \${HOST:-} }\nbrokers: ["\${BROKER:-127.0.0.1:9092}"]`;
    expect(load(text, { PORT: "9001", HOST: "a.example", BROKER: "b:1" })).toEqual({
      server: { port: 9001, host: "a.example" },
      brokers: ["b:1"],
    });
    expect(load(text.replace(`, host: \${HOST:-}`, ""), { PORT: "" })).toEqual({
      server: { port: 8001 },
      brokers: ["127.0.0.1:9092"],
    });
  });

  it("reads a replaced value as YAML, and keeps it a text in quotes", () => {
    expect(load(`server: { port: 1, host: "\${HOST}" }`, { HOST: "8080" })).toEqual({
      server: { port: 1, host: "8080" },
    });
    expect(fieldErrors(() => load(`server: { port: 1, host: \${HOST} }`, { HOST: "8080" }))).toEqual({
      "server.host": "must be string",
    });
  });

  it("takes an empty value without quotes for nothing, and cannot be given another form by the environment", () => {
    expect(fieldErrors(() => load(`server: { port: 1, host: \${HOST:-} }`))).toEqual({
      "server.host": "must be string",
    });
    for (const hostile of ["a # b", "a: b", "*x", "]", '"', "0123", "a\nextra: 1"]) {
      expect(load(`server: { port: 1, host: \${HOST} }`, { HOST: hostile })).toEqual({
        server: { port: 1, host: hostile },
      });
    }
  });

  it("keeps braces, colons and slashes in a default, and leaves other dollars alone", () => {
    expect(load(`server: { port: 1, host: "\${URL:-postgres://u:p@h:1/x?y=z}$5 \${lower}" }`)).toEqual({
      server: { port: 1, host: `postgres://u:p@h:1/x?y=z$5 \${lower}` },
    });
  });

  it("names every variable that is missing", () => {
    const found = fieldErrors(() => load(`server: { port: \${PORT}, host: \${HOST} }`));
    const problem = "is not set in the environment and has no default";
    expect(Object.entries(found as object)).toEqual(["PORT", "HOST"].map((name) => [`\${${name}}`, problem]));
  });

  it("reports every wrong field together, by its path", () => {
    const text = "server: { port: 70000, hots: x }\nbrokers: [a, 7]\nlogLevel: loud\nextra: 1";
    expect(fieldErrors(() => load(text))).toEqual({
      "server.port": "must be <= 65535",
      "server.hots": "is not a known field",
      "brokers.1": "must be string",
      logLevel: "must be one of info, debug",
      extra: "is not a known field",
    });
    expect(() => load(text)).toThrow(/config\.yaml is not a valid configuration:\n {2}.*\n/);
  });

  it.each<[string, string, unknown]>([
    ["an empty file", "", { server: "is required" }],
    ["a list", "- a", { "(root)": "must be object" }],
    ["a field that is null", "server:", { server: "must be object" }],
    [
      "a field twice",
      "server: { port: 1 }\nserver: { port: 2 }",
      { "(file)": expect.stringMatching(/^is not YAML: .*unique/) },
    ],
    ["an alias of nothing", "server: *x", { "(file)": expect.stringMatching(/^is not YAML: Unresolved alias/) }],
    ["an open bracket", "server: { port: 1", { "(file)": expect.stringMatching(/^is not YAML: /) }],
  ])("refuses %s", (_name, text, expected) => {
    expect(fieldErrors(() => load(text))).toEqual(expected);
  });

  it("says that a file is not there, and how to name another", () => {
    expect(() => loadConfig(schema, join(folder, "absent.yaml"))).toThrow(
      /absent\.yaml[\s\S]*ENOENT\); --conf names another one/,
    );
  });
});
