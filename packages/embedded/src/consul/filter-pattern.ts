import { RE2JS } from "re2js";
import { Refusal } from "./refusal.ts";

/**
 * Instructions of a program, and how many of them one query may run: an instruction for each character that it looks at.
 * RE2 is linear in both, so that no pattern keeps the process for longer than about a second.
 */
const bounds = { instructions: 2000, steps: 50_000_000 };

/**
 * The pattern of `matches`, in the syntax of RE2, which is that of Go's regexp.
 * @param fail what to throw for a pattern that is none, or too large
 */
export function compilePattern(pattern: string, fail: (reason: string) => Error): (text: string) => boolean {
  if (sizeOf(pattern) > bounds.instructions)
    throw fail("its regular expression is too large for this embedded server: repeat less in it");
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(pattern);
  } catch (error) {
    const shown = JSON.stringify(pattern.slice(0, 100));
    throw fail(`Failed to compile regular expression ${shown}: ${(error as Error).message}`);
  }
  const size = expression.programSize();
  let steps = 0;
  return (text) => {
    steps += size * (text.length + 1);
    if (steps > bounds.steps)
      throw new Refusal(
        500,
        "the regular expression of the filter has too much to read for this embedded server: ask for less, or shorten it",
      );
    return expression.test(text);
  };
}

/**
 * About how large a pattern is once its repetitions are written out. To be known before it is compiled: what repeats a group a
 * thousand times is written out first, which takes seconds.
 */
function sizeOf(pattern: string): number {
  const groups = [0];
  let last = 0;
  const add = (size: number) => {
    last = size;
    groups[groups.length - 1] = (groups.at(-1) ?? 0) + size;
  };
  for (const [part, quoted, most] of pattern.matchAll(
    /\\Q(.*?)(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\{(?:\d*,)?(\d+),?\}|[\s\S]/g,
  )) {
    if (quoted !== undefined) add(quoted.length);
    else if (most !== undefined) add(last * Math.max(Number(most) - 1, 0));
    else if (part === "(") groups.push(0);
    else if (part === ")" && groups.length > 1) add(groups.pop() ?? 0);
    else add(2);
  }
  return groups.reduce((sum, size) => sum + size, 0);
}
