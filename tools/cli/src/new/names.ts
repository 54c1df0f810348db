import { WrongUse } from "../wrong-use.ts";

const kebabCase = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 40;

/** @param what as it is called in the message   @throws WrongUse */
export function assertKebabCase(what: string, text: string): void {
  if (kebabCase.test(text) && text.length <= longest) return;
  throw new WrongUse({
    message: `${what} ${JSON.stringify(text)} must be lower case with hyphens, at most ${longest} characters: gift-cards`,
  });
}

export const camelCase = (kebab: string) => kebab.replace(/-(.)/g, (_, first: string) => first.toUpperCase());
export const pascalCase = (kebab: string) => kebab[0]!.toUpperCase() + camelCase(kebab).slice(1);
export const snakeCase = (kebab: string) => kebab.replaceAll("-", "_");
/** `PriceChanged` → `price-changed` */
export const kebabOfType = (type: string) => type.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();

/** Good enough for a name that its owner can give otherwise. */
export const singularOf = (word: string) => word.replace(/ies$/, "y").replace(/(?<=[^s])s$/, "");
export const pluralOf = (word: string) =>
  /[^s]s$/.test(word) ? word : `${word.replace(/(?<=[^aeiou])y$/, "ie").replace(/(?<=s|x|ch|sh)$/, "e")}s`;
