import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** `127.0.0.1`, `::1`, `localhost` and every name below `localhost`, which a browser resolves by itself. */
export function isLoopback(host: string): boolean {
  const kind = isIP(host);
  if (kind !== 0) return loopback.check(host, kind === 6 ? "ipv6" : "ipv4");
  return /^([a-z0-9-]+\.)*localhost$/i.test(host);
}

export interface HostGuardOptions {
  /** Address that the server listens on: `127.0.0.1`, `::1`, `0.0.0.0`. */
  listensOn: string;
  /**
   * Names that it answers to besides those of loopback: `shop.example.com`, `*.example.com` for every name below, `*` for
   * any. A port in the request is not looked at.
   */
  allowed: readonly string[];
}

/** What a request says of where it was sent and which web page sent it. */
export interface Addressed {
  /** The `Host` header; absent only in HTTP/1.0, which no browser speaks. */
  host?: string | undefined;
  /** The `Origin` header, which a browser sets and a page cannot change. */
  origin?: string | undefined;
}

/** @returns the header that speaks against the request; undefined: it may pass */
export type HostGuard = (request: Addressed) => "host" | "origin" | undefined;

/**
 * Keeps web pages away from a server that only this machine should reach. A page of `evil.example` can have that name
 * resolve to 127.0.0.1 (DNS rebinding) and is then of the same origin as the server: only `Host` tells. Or it sends a
 * request that needs no permission, such as a POST of plain text: only `Origin` tells.
 *
 * A server on loopback answers to loopback names and to those that are allowed. Any other server answers to all names,
 * unless some are allowed: then to those and to addresses, since no page can have an address resolve to something else.
 */
export function hostGuard({ listensOn, allowed }: HostGuardOptions): HostGuard {
  const listed = allowed.map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
  const isLocal = isLoopback(listensOn);
  if (listed.includes("*") || (!isLocal && listed.length === 0)) return () => undefined;
  const suffixes = listed.filter((name) => name.startsWith("*.")).map((name) => name.slice(1));
  const names = new Set(listed);
  const isAllowed = (name: string | undefined) =>
    name !== undefined &&
    (isLoopback(name) ||
      names.has(name) ||
      suffixes.some((suffix) => name.endsWith(suffix)) ||
      (!isLocal && isIP(name) !== 0));
  return ({ host, origin }) => {
    if (host !== undefined && !isAllowed(nameIn(host))) return "host";
    // "null" is the origin of a page that hides its own.
    if (origin !== undefined && !isAllowed(nameIn(URL.parse(origin)?.host ?? ""))) return "origin";
    return undefined;
  };
}

/** `Example.com.:8080` → `example.com`, `[::1]:80` → `::1`; undefined for what is no host. */
function nameIn(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._~-]+?)\.?)(?::\d{0,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/**
 * A request target in its one usual form: `http://shop.example/v1/things` is the path `/v1/things` for the host `shop.example`,
 * whatever the `Host` header says (RFC 9112, section 3.2.2). Any other target is given back as it came.
 */
export function originForm(target: string): { url: string; host?: string } {
  const [, host, rest] = /^https?:\/\/([^/?#@]+)([/?#].*|)$/is.exec(target) ?? [];
  if (host === undefined || rest === undefined) return { url: target };
  return { url: rest.startsWith("/") ? rest : `/${rest}`, host };
}
