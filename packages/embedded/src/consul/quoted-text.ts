const single: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/** What stands between double quotes, its escapes read as Go reads them. @returns nothing where an escape is none */
export function unquoted(text: string): string | undefined {
  let isValid = !/[\r\n]/.test(text);
  const read = text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]?))/g,
    (_, byte, short, long, octal, letter) => {
      const code = Number.parseInt(byte ?? short ?? long ?? octal, octal === undefined ? 16 : 8);
      if (letter === undefined && code <= 0x10ffff) return String.fromCodePoint(code);
      isValid &&= letter !== undefined && Object.hasOwn(single, letter);
      return single[letter] ?? "";
    },
  );
  return isValid ? read : undefined;
}
