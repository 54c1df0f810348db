import { describe, expect, it } from "@jest/globals";
import { type Access, isAllowed, parseRules, type Resource } from "./rules.ts";

const allows = (rules: string, resource: Resource, name: string, access: Access = "read") =>
  isAllowed(parseRules(rules), resource, name, access);

describe("ACL rules", () => {
  it("may have comments of every kind, wherever a space may be", () => {
    const rules = `# a line
      key_prefix "foo" { # behind a brace
        policy = "read" // behind a value
      } # behind a block
      /* over
         two lines: key "secret" { policy = "write" } */
      key /* between */ "bar" { policy /* here */ = "write" }`;
    expect(allows(rules, "key", "foo/x")).toBe(true);
    expect(allows(rules, "key", "bar", "write")).toBe(true);
    expect(allows(rules, "key", "secret")).toBe(false);
  });

  it("keep what looks like a comment in a name", () => {
    expect(allows('key "a#b//c/*d*/" { policy = "read" }', "key", "a#b//c/*d*/")).toBe(true);
  });

  it.each([
    'key_prefix "foo" { policy = "read" }',
    '"key_prefix" "foo" { policy = "read" }',
    '"key_prefix" "foo" { "policy" = "read" }',
    'key_prefix foo { policy = "read" }',
    'key_prefix { "foo" { policy = "read" } }',
    'key_prefix = { "foo" = { policy = "read" } }',
    'key_prefix "foo" { policy = "deny", policy = "read", }',
    'key_prefix "foo" {\r\n  policy = "read"\r\n}\r\n',
    '{ "key_prefix": { "foo": { "policy": "read" } } }',
  ])("are the same however they are written: %s", (rules) => {
    expect([allows(rules, "key", "foo/x"), allows(rules, "key", "bar")]).toEqual([true, false]);
  });

  it("skip what others read, with values of every kind", () => {
    const rules = `nonsense = "x"
      sentinel "x" { code = <<EOF
        main = rule { true } # }
        EOF
        on = true
        list = [1, -2.5, "x", { a = "b" },]
      }
      service "web" {
        policy = "write"
        intentions = "read"
      }
      "operator" = "read"`;
    expect(allows(rules, "service", "web", "write")).toBe(true);
    expect(allows(rules, "operator", "")).toBe(true);
  });

  it.each([
    ['service "x" {', "At 1:14: a closing } expected, got the end"],
    ['service "x" {\n  policy = read\n}', "At 2:12: a value, in quotes where it is a text, expected, got read"],
    ['\n\nkey "x" { policy = "maybe" }', 'At 3:11: Invalid key policy: "maybe"'],
    ['key "x" { policy = "read" }\n}', "At 2:1: a name expected, got }"],
    ['key "x" = { policy = "read" }', "At 1:1: { expected after several names, got ="],
    ['key "x" {}', 'At 1:1: Invalid key policy: ""'],
    ['key "x" { policy = ["read"] }', 'At 1:11: Invalid key policy: ""'],
    ['key "x" { policy = "read" } /* open', "At 1:29: comment not terminated"],
    ['key "x" { policy = "read" } /', "At 1:29: expected '/' for comment"],
    ['key "x" {\n policy = "re\nad" }', "At 2:11: literal not terminated"],
    ['key "\\q" { policy = "read" }', 'At 1:5: illegal char escape in "\\q"'],
    ["key 'x' { policy = \"read\" }", "At 1:5: illegal char '"],
    ['key = "read"', 'At 1:1: "key" needs name'],
    ['/* 1\n2\n3 */ key "x" { policy }', "At 3:23: = or { expected, got }"],
    [`key "x" ${"{ a ".repeat(50)}`, "deeper than 32 levels"],
  ])("say the line and the reason: %s", (rules, message) => {
    const refused = expect.objectContaining({ status: 500, message: expect.stringContaining(message) });
    let error: unknown;
    try {
      parseRules(rules);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toEqual(refused);
  });
});
