/**
 * Whether an object in a JSON text has a name twice. `JSON.parse` takes the last one, others the first: a token that says two
 * things says neither.
 * @param json  what `JSON.parse` takes: on anything else, such as a text that does not end, the search may take quadratic time
 */
export function hasRepeatedNames(json: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  // Texts, brackets and colons; a text that a colon follows is a name.
  for (const [token, name] of json.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (name !== undefined) {
      const names = open.at(-1);
      // `{"\u0073ub": …}` is the same name as `{"sub": …}`.
      const plain = withoutEscapes(name);
      if (names?.has(plain)) return true;
      names?.add(plain);
    }
  }
  return false;
}

function withoutEscapes(name: string): string {
  try {
    return JSON.parse(`"${name}"`) as string;
  } catch {
    return name;
  }
}
