/** `\p{Default_Ignorable_Code_Point}`: characters without a shape of their own, as the zero-width space. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u;
/** What nobody sees at the end of a text. Variation selectors are not among them: emoji end in one. */
const edge = /^[\p{White_Space}\u00AD\u200B\u2060\uFEFF]|[\p{White_Space}\u00AD\u200B\u2060\uFEFF]$/u;
/** Controls, line and paragraph separators, halves of surrogate pairs, and what turns the direction of the text after it. */
const forbiddenInLine = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;
const forbiddenInLines = /[\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u;

/**
 * Whether a text can be a name, a title or a SKU: one line that looks like what it is. No blank at either end, something
 * to see in it, no control characters, no line breaks, no bidi controls (U+061C, U+200E, U+200F, U+202A–U+202E,
 * U+2066–U+2069), no half of a surrogate pair. The empty text passes: `minLength` decides about it.
 */
export function isLine(text: string): boolean {
  return text === "" || (visible.test(text) && !edge.test(text) && !forbiddenInLine.test(text));
}

/** The same for texts of several lines, as a description: `\n` may be in it, and blanks may be at its ends. */
export function isLines(text: string): boolean {
  return text === "" || (visible.test(text) && !forbiddenInLines.test(text));
}
