import { describe, expect, it } from "@jest/globals";
import { isLine, isLines } from "./text.ts";

const bidiControls = [..."\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069"];
const named = (characters: string[]) =>
  characters.map((character) => [
    `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`,
    character,
  ]);

describe("a line of text", () => {
  it.each([
    "A1",
    "a",
    "Größe 42",
    "Runner 2 – blau",
    "شاحن سريع",
    "نمی‌خواهم",
    "👩‍👩‍👧‍👦",
    "❤️",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "e\u0301",
    "日本 語",
    "",
  ])("may be %j", (text) => {
    expect([isLine(text), isLines(text)]).toEqual([true, true]);
  });

  it.each([" A1", "A1 ", "\u00A0A1", "A1\u3000", "A1\u200B", "\uFEFFA1", "A1\u2060"])(
    "has no blank at either end: %j",
    (text) => {
      expect(isLine(text)).toBe(false);
    },
  );

  it.each([" ", "   ", "\u00A0", "\u200B", "\u200D", "\uFE0F", "\u3164", "\u115F\u1160"])(
    "has something to see, also where it may have several lines: %j",
    (text) => {
      expect([isLine(text), isLines(text)]).toEqual([false, false]);
    },
  );

  it.each(["a\nb", "a\n"])("has no line break, which several lines have: %j", (text) => {
    expect([isLine(text), isLines(text)]).toEqual([false, true]);
  });

  it.each(named([..."\0\t\r\v\f\u001B\u007F\u0085\u009F\u2028\u2029", "\uD800", "\uDFFF", ...bidiControls]))(
    "has no %s anywhere, nor have several lines",
    (_name, character) => {
      for (const text of [`a${character}b`, `${character}ab`, `ab${character}`]) {
        expect([isLine(text), isLines(text)]).toEqual([false, false]);
      }
    },
  );
});
