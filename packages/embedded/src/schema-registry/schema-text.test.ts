import { describe, expect, it } from "@jest/globals";
import { parseSchema } from "./schema-text.ts";

const parse = (text: string) => parseSchema(text, { normalize: false });
const nested = (levels: number) => `${'{"not":'.repeat(levels)}true${"}".repeat(levels)}`;

describe("schema text", () => {
  it("is kept on one line, keys as they came, or sorted when normalized", () => {
    const text = '{ "type": "object",\n "title": "t" }';
    expect(parse(text).text).toBe('{"type":"object","title":"t"}');
    expect(parseSchema(text, { normalize: true }).text).toBe('{"title":"t","type":"object"}');
  });
  it.each([
    ["", "Empty schema"],
    ["{", "JSON"],
    ["[]", "object or a boolean"],
    ['{"type":"nonsense"}', "/type"],
    ['{"required":"a"}', "/required"],
    ['{"pattern":"("}', "regular expression"],
    ['{"patternProperties":{"[":{}}}', "regular expression"],
    [nested(200), "levels deep"],
    [JSON.stringify({ title: "x".repeat(1024 * 1024) }), "larger than"],
    ['{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"nonsense"}', "/type"],
  ])("that is no JSON Schema is refused: %.60s", (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
  });
  it("may hold anything where a value stands", () => {
    expect(parse('{"const":{"pattern":"(","$ref":"#/x"},"default":{"pattern":"("}}').schema).toBeDefined();
  });
});
