import { withoutCredentials } from "@weft/core";
import { WrongUse } from "./wrong-use.ts";

/** Addresses as people write them, checked where they come in, so that nothing starts towards a place that cannot be. */

/** @param name the option or environment name that it came from   @throws WrongUse */
export function httpUrl(name: string, text: string): string {
  const url = parsed(text);
  if (url?.username || url?.password)
    throw new WrongUse({
      message: `${name} must be a URL without user and password, which have names of their own (docs/configuration.md)`,
    });
  if (url?.protocol === "http:" || url?.protocol === "https:") return text;
  throw new WrongUse({
    message: `${name} must be a URL such as http://127.0.0.1:8500, and is ${shown(text)}`,
  });
}

/** @throws WrongUse */
export function brokerList(name: string, text: string): string {
  if (text.split(",").every(isHostAndPort)) return text;
  throw new WrongUse({
    message: `${name} must be host:port, several with commas, and is ${shown(text)}`,
  });
}

/** What is told of a wrong one is never the text itself: it holds a password. @throws WrongUse */
export function databaseUrl(name: string, text: string): string {
  const url = parsed(text.replace("{database}", "database"));
  const right = (url?.protocol === "postgres:" || url?.protocol === "postgresql:") && text.includes("{database}");
  if (right) return text;
  throw new WrongUse({
    message: `${name} must be a URL such as postgres://user:password@127.0.0.1:5432/{database}, with {database} as it stands here`,
  });
}

/** Whoever forgot the scheme may still have written a password. */
const shown = (text: string) => JSON.stringify(withoutCredentials(text).replace(/^([a-z]+:\/\/)?.*@/is, "$1***@"));

function isHostAndPort(text: string): boolean {
  const [, port] = /^[^\s:/]+:(\d{1,5})$|^\[[0-9a-f:]+\]:(\d{1,5})$/i.exec(text.trim())?.filter(Boolean) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
