import { BadRequest } from "@weft/core";

/** A path below `/api` that can mean only one thing, to this gateway and to whatever is behind it. */
export interface ApiPath {
  /** As it is passed on, with its query: `/v1/catalog/products?limit=5`. */
  url: string;
  /** Without the query, as it came. */
  path: string;
  /** Between the slashes, as they came: fixed parts are compared with these, since nothing else is routed by decoded text. */
  raw: string[];
  /** Decoded: values are compared with these. */
  decoded: string[];
}

/**
 * @throws BadRequest for a path that two programs could read differently: `..`, empty parts, escaped slashes, broken escapes.
 * What the gateway allows must be what the service does.
 */
export function apiPath(url: string): ApiPath {
  const passed = url.slice("/api".length) || "/";
  const [path = ""] = passed.split("?", 1);
  const refuse = (why: string) => new BadRequest({ message: `the path ${why}` });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\\#\x00-\x20\x7f-\uffff]/.test(passed)) throw refuse("has characters that must be escaped");
  const raw = path.split("/").slice(1);
  const decoded = raw.map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw refuse("has a broken escape");
    }
  });
  for (const [index, part] of decoded.entries()) {
    if (part === "." || part === "..") throw refuse("has dot segments");
    if (part === "" && index < decoded.length - 1) throw refuse("has an empty part");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    if (/[/\\\x00-\x1f\x7f]/.test(part)) throw refuse("has an escaped separator");
  }
  return { url: passed, path, raw, decoded };
}
