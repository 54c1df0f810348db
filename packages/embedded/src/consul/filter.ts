import { compilePattern } from "./filter-pattern.ts";
import { unquoted } from "./quoted-text.ts";
import { Refusal } from "./refusal.ts";

/** Whether an entry of an answer is wanted. */
export type Filter = (entry: unknown) => boolean;

const everything: Filter = () => true;
const bounds = { characters: 2048, depth: 32 };

/**
 * A filter expression of a query: `Service.Meta.version == "2" and not (Service.Tags contains old)`.
 * Source: Consul HTTP API, "Filtering"; the grammar of its expressions is that of go-bexpr.
 *
 *   or      = and { "or" and }
 *   and     = not { "and" not }
 *   not     = "not" not | "(" or ")" | match
 *   match   = selector ( "==" | "!=" | "contains" | "not contains" | "matches" | "not matches" ) value
 *           | selector "is" [ "not" ] "empty"
 *           | value [ "not" ] "in" selector
 *
 * @param fields what an entry has at its top: another selector is refused, also while there are no entries
 * @throws Refusal 500, as Consul
 */
export function compileFilter(expression: string | null, fields: readonly string[]): Filter {
  if (expression === null || expression.trim() === "") return everything;
  if (expression.length > bounds.characters) throw invalid(`longer than ${bounds.characters} characters`);
  const tokens = tokenize(expression);
  let at = 0;

  const peek = (ahead = 0): Token | undefined => tokens[at + ahead];
  const isWord = (text: string, ahead = 0) => {
    const token = peek(ahead);
    return token?.kind === "word" && token.text.toLowerCase() === text;
  };
  const take = (what: string): Token => {
    const token = tokens[at];
    if (!token) throw invalid(`it ends where ${what} should be`);
    at += 1;
    return token;
  };
  const accept = (matches: boolean, count = 1): boolean => {
    if (matches) at += count;
    return matches;
  };

  function or(depth: number): Filter {
    let left = and(depth);
    while (accept(isWord("or"))) {
      const [one, other] = [left, and(depth)];
      left = (entry) => one(entry) || other(entry);
    }
    return left;
  }

  function and(depth: number): Filter {
    let left = not(depth);
    while (accept(isWord("and"))) {
      const [one, other] = [left, not(depth)];
      left = (entry) => one(entry) && other(entry);
    }
    return left;
  }

  function not(depth: number): Filter {
    if (depth > bounds.depth) throw invalid(`deeper than ${bounds.depth} levels`);
    if (accept(isWord("not"))) return negated(not(depth + 1));
    if (accept(peek()?.kind === "open")) {
      const inner = or(depth + 1);
      if (take(")").kind !== "close") throw invalid("a ) is missing");
      return inner;
    }
    return match();
  }

  function match(): Filter {
    const first = take("a selector or a value");
    if (accept(isWord("in"))) return contains(selector(take("a selector")), textOf(first));
    if (accept(isWord("not") && isWord("in", 1), 2))
      return negated(contains(selector(take("a selector")), textOf(first)));
    const path = selector(first);
    if (accept(isWord("is") && isWord("not", 1) && isWord("empty", 2), 3)) return negated(isEmpty(path));
    if (accept(isWord("is") && isWord("empty", 1), 2)) return isEmpty(path);
    const isNegated = accept(isWord("not"));
    const operator = take("an operator");
    const value = textOf(take("a value"));
    const name = operator.text.toLowerCase();
    if (name === "contains") return isNegated ? negated(contains(path, value)) : contains(path, value);
    if (name === "matches") return isNegated ? negated(matches(path, value)) : matches(path, value);
    if (isNegated || (name !== "==" && name !== "!=")) throw invalid(`${operator.text} is no operator`);
    return name === "==" ? equals(path, value) : negated(equals(path, value));
  }

  function selector({ kind, text, path }: Token): readonly string[] {
    if (kind !== "word") throw invalid(`${text} is no selector`);
    if (!fields.includes(path[0] ?? "")) throw invalid(`Selector "${text}" is not valid`);
    return path;
  }

  const filter = or(0);
  if (at < tokens.length) throw invalid(`${tokens[at]?.text} is one word too many`);
  return filter;
}

interface Token {
  kind: "word" | "quoted" | "operator" | "open" | "close";
  text: string;
  /** Of a selector: `Meta["a b"].c` → Meta, a b, c. */
  path: string[];
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\s*(?:(?<open>\()|(?<close>\))|(?<operator>==|!=)|"(?<double>[^"]*)"|`(?<raw>[^`]*)`|(?<word>[^\s()"`=![]+(?:\["[^"]*"\][^\s()"`=![]*)*))/gy;
  const end = expression.trimEnd().length;
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const groups = pattern.exec(expression)?.groups;
    if (!groups) throw invalid(`it cannot be read from "${expression.slice(from, from + 20)}" on`);
    const { open, close, operator, double, raw, word } = groups;
    if (open) tokens.push({ kind: "open", text: open, path: [] });
    else if (close) tokens.push({ kind: "close", text: close, path: [] });
    else if (operator) tokens.push({ kind: "operator", text: operator, path: [] });
    else if (word) tokens.push({ kind: "word", text: word, path: pathOf(word) });
    else tokens.push({ kind: "quoted", text: raw ?? readQuoted(double ?? ""), path: [] });
  }
  return tokens;
}

function readQuoted(text: string): string {
  const read = unquoted(text);
  if (read === undefined)
    throw invalid(`"${text}" has an escape that is none: write a pattern between \` instead, or \\\\ for each \\`);
  return read;
}

const pathOf = (word: string): string[] =>
  [...word.matchAll(/\["([^"]*)"\]|[^.[\]]+/g)].map(([part, quoted]) => quoted ?? part);

const textOf = ({ kind, text }: Token): string => {
  if (kind !== "word" && kind !== "quoted") throw invalid(`${text} is no value`);
  return text;
};

const negated =
  (filter: Filter): Filter =>
  (entry) =>
    !filter(entry);

/** What a path leads to; lists on the way give all that theirs lead to. */
function valuesAt(entry: unknown, path: readonly string[]): unknown[] {
  let values = [entry];
  for (const part of path) {
    values = values.flatMap((value) => {
      const things = Array.isArray(value) ? value : [value];
      return things.flatMap((thing) =>
        typeof thing === "object" && thing !== null && Object.hasOwn(thing, part)
          ? [(thing as Record<string, unknown>)[part]]
          : [],
      );
    });
  }
  return values;
}

const equals =
  (path: readonly string[], wanted: string): Filter =>
  (entry) =>
    valuesAt(entry, path).some((value) => String(value) === wanted);

function contains(path: readonly string[], wanted: string): Filter {
  return (entry) =>
    valuesAt(entry, path).some((value) => {
      if (Array.isArray(value)) return value.some((one) => String(one) === wanted);
      if (typeof value === "object" && value !== null) return Object.hasOwn(value, wanted);
      return String(value).includes(wanted);
    });
}

function isEmpty(path: readonly string[]): Filter {
  return (entry) => valuesAt(entry, path).every((value) => sizeOf(value) === 0);
}

function sizeOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === "object") return Object.keys(value).length;
  return String(value).length;
}

function matches(path: readonly string[], pattern: string): Filter {
  const fits = compilePattern(pattern, invalid);
  return (entry) => valuesAt(entry, path).some((value) => fits(String(value)));
}

const invalid = (reason: string) =>
  new Refusal(500, `Failed to create boolean expression evaluator: ${reason.slice(0, 300)}`);
