import { unquoted } from "../quoted-text.ts";

/** `key "a" { policy = "read" }`: the keys key and a, and an object. */
export interface HclItem {
  keys: string[];
  value: HclValue;
  at: HclPosition;
}
type HclValue = { kind: "text"; text: string } | { kind: "object"; items: HclItem[] } | { kind: "other" };
export interface HclPosition {
  line: number;
  column: number;
}

/** Says where a text is none, as Consul says it: `At 2:13: …`. */
export class HclError extends Error {
  constructor({ line, column }: HclPosition, reason: string) {
    super(`At ${line}:${column}: ${reason}`);
  }
}

const maxDepth = 32;

/**
 * Reads the first version of HCL, in which the rules of Consul's policies are written; the second has no quoted block names.
 * Source: the README and the specification of HCL, branch hcl1.
 *
 *   object = { item [ "," ] }
 *   item   = key "=" value | key { key } "{" object "}"
 *   key    = word | text
 *   value  = text | number | "true" | "false" | heredoc | "[" list "]" | "{" object "}"
 *
 * Comments are `#` and `//` until the end of the line, and what stands between slash and star.
 * @throws HclError
 */
export function parseHcl(text: string): HclItem[] {
  const tokens = tokenize(text);
  let next = 0;
  const peek = (): Token => tokens[next] ?? end;
  const end = tokens.at(-1) as Token;
  const take = () => {
    const token = peek();
    next += 1;
    return token;
  };
  const accept = (sign: string) => {
    const isNext = peek().kind === "sign" && peek().text === sign;
    if (isNext) next += 1;
    return isNext;
  };
  const fail = (token: Token, wanted: string): never => {
    throw new HclError(token, `${wanted} expected, got ${token.kind === "end" ? "the end" : token.shown}`);
  };

  function object(closing: "}" | undefined, depth: number): HclItem[] {
    const items: HclItem[] = [];
    if (depth > maxDepth) throw new HclError(peek(), `deeper than ${maxDepth} levels`);
    while (closing === undefined ? peek().kind !== "end" : !accept(closing)) {
      if (peek().kind === "end") fail(peek(), "a closing }");
      items.push(item(depth));
      accept(",");
    }
    return items;
  }

  function item(depth: number): HclItem {
    const { line, column } = peek();
    const keys: string[] = [];
    while (peek().kind === "word" || peek().kind === "text") keys.push(take().text);
    if (keys.length === 0) fail(peek(), "a name");
    const at = { line, column };
    if (accept("{")) return { keys, value: { kind: "object", items: object("}", depth + 1) }, at };
    if (!accept("=")) fail(peek(), keys.length === 1 ? "= or {" : "{");
    if (keys.length > 1) throw new HclError(at, "{ expected after several names, got =");
    return { keys, value: value(depth), at };
  }

  function value(depth: number): HclValue {
    if (accept("{")) return { kind: "object", items: object("}", depth + 1) };
    if (accept("[")) {
      if (depth > maxDepth) throw new HclError(peek(), `deeper than ${maxDepth} levels`);
      while (!accept("]")) {
        value(depth + 1);
        if (!accept(",") && !(peek().kind === "sign" && peek().text === "]")) fail(peek(), ", or ]");
      }
      return { kind: "other" };
    }
    const token = take();
    if (token.kind === "text") return { kind: "text", text: token.text };
    if (token.kind === "word" && /^-?\d/.test(token.text)) return { kind: "text", text: token.text };
    if (token.kind === "word" && (token.text === "true" || token.text === "false")) return { kind: "other" };
    return fail(token, "a value, in quotes where it is a text,");
  }

  return object(undefined, 0);
}

interface Token extends HclPosition {
  kind: "word" | "text" | "sign" | "end";
  text: string;
  /** As it was written, for a message. */
  shown: string;
}

const shapes =
  /(?<space>[^\S\n]+)|(?<line>\n)|(?<comment>(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\/)|"(?<text>(?:[^"\\\n]|\\[^\n])*)"|<<-?(?<mark>\w+)\r?\n(?<here>[\s\S]*?\n)??[^\S\n]*\k<mark>(?=\r?\n|$)|(?<word>-?[\p{L}\p{Nd}_][\p{L}\p{Nd}_.+-]*)|(?<sign>[={}[\],])/uy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let [line, lineFrom] = [1, 0];
  shapes.lastIndex = 0;
  for (let at = 0; at < text.length; at = shapes.lastIndex) {
    const position = { line, column: at - lineFrom + 1 };
    const match = shapes.exec(text);
    if (!match?.groups) throw new HclError(position, reasonOf(text.slice(at, at + 2)));
    const { text: quoted, mark, here = "", word, sign } = match.groups;
    const shown = match[0].slice(0, 40);
    if (quoted !== undefined) {
      const read = unquoted(quoted);
      if (read === undefined) throw new HclError(position, `illegal char escape in ${shown}`);
      tokens.push({ kind: "text", text: read, shown, ...position });
    } else if (mark !== undefined) tokens.push({ kind: "text", text: here, shown, ...position });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, shown, ...position });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign, shown, ...position });
    for (const { index } of match[0].matchAll(/\n/g)) [line, lineFrom] = [line + 1, at + index + 1];
  }
  tokens.push({ kind: "end", text: "", shown: "", line, column: text.length - lineFrom + 1 });
  return tokens;
}

function reasonOf(rest: string): string {
  if (rest.startsWith('"')) return "literal not terminated";
  if (rest === "<<") return "heredoc not terminated";
  if (rest === "/*") return "comment not terminated";
  return rest.startsWith("/") ? "expected '/' for comment" : `illegal char ${rest.slice(0, 1)}`;
}
