/** Deepest nesting of objects and arrays in one event. */
export const maxNestingDepth = 64;

/**
 * What makes a value that JSON.parse takes still unfit to travel, because two programs would read it differently or one
 * of them would fall over: nesting beyond 64, numbers beyond the range of a double (1e999), half a surrogate pair, a
 * field called `__proto__`, the same field twice (RFC 8259 section 4 and 6 to 9, I-JSON RFC 7493).
 * The walk needs no recursion, so depth costs no stack.
 * @param text the JSON that `value` was parsed from: without it, fields that came twice cannot be seen
 */
export function readabilityProblem(value: unknown, text?: string): string | undefined {
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  let fields = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value: part, depth } = next;
    if (typeof part === "number" && !Number.isFinite(part)) return "a number is outside the range of a double";
    if (typeof part === "string" && !part.isWellFormed()) return "a text has half of a surrogate pair";
    if (typeof part !== "object" || part === null) continue;
    if (depth >= maxNestingDepth) return `objects and arrays are nested deeper than ${maxNestingDepth}`;
    if (Array.isArray(part)) {
      for (const item of part) waiting.push({ value: item, depth: depth + 1 });
      continue;
    }
    for (const name of Object.keys(part)) {
      if (name === "__proto__") return "a field is called __proto__";
      if (!name.isWellFormed()) return "the name of a field has half of a surrogate pair";
      fields += 1;
      waiting.push({ value: (part as Record<string, unknown>)[name], depth: depth + 1 });
    }
  }
  if (text !== undefined && fields !== fieldsIn(text)) return "a field is there twice in one object";
  return undefined;
}

/** How many fields the text of a JSON value writes down: colons outside of strings. */
function fieldsIn(text: string): number {
  let fields = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x3a) fields += 1;
    else if (character === 0x22) at = endOfString(text, at);
  }
  return fields;
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
