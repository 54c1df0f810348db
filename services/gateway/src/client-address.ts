import { isIPv4, isIPv6 } from "node:net";

/**
 * Who asks, as one spelling of one address: that of the connection, or, behind proxies that are named in the configuration, the
 * one that the outermost of them wrote into `X-Forwarded-For`. What stands further left was written by the stranger. Where that
 * proxy wrote no address (`unknown`, `_hidden`), it is the connection's.
 */
export function clientAddress(remoteAddress: string, forwardedFor: string | undefined, trustedProxies = 0): string {
  const chain = (forwardedFor ?? "").split(",").filter((part) => part.trim() !== "");
  const written = trustedProxies > 0 ? chain.at(-trustedProxies) : undefined;
  return plainAddress(written ?? "") ?? plainAddress(remoteAddress) ?? "unknown";
}

/** What is counted together: an IPv4 address, or the /64 of an IPv6 one, which is one customer's. */
export function addressKey(address: string): string {
  const groups = groupsOf(address);
  return groups ? `${inHex(groups.slice(0, 4))}::/64` : address;
}

/**
 * One spelling for every way to write an address: without port, brackets, quotes and zone; IPv4 that is mapped into IPv6 as IPv4;
 * IPv6 as RFC 5952 has it, in lower case and shortened.
 * @returns nothing for what is no address
 */
function plainAddress(text: string): string | undefined {
  const host = withoutPort(text.trim().replace(/^"(.*)"$/, "$1"));
  if (isIPv4(host)) return host;
  const groups = groupsOf(host);
  if (!groups) return undefined;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? inDots(groups.slice(6)) : new URL(`http://[${inHex(groups)}]`).hostname.slice(1, -1);
}

/** `10.0.0.1:4711`, `[2001:db8::1]:4711` and `[2001:db8::1]`; IPv6 without brackets has no port. */
function withoutPort(text: string): string {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(text) ?? [];
  return inBrackets ?? plain ?? text;
}

/** The eight numbers of an IPv6 address, whichever of its spellings; nothing for anything else. */
function groupsOf(text: string): number[] | undefined {
  const [address = ""] = text.split("%", 1);
  if (!isIPv6(address)) return undefined;
  const inGroups = address.replace(/\d+\.\d+\.\d+\.\d+$/, (dots) => {
    const [a, b, c, d] = dots.split(".").map(Number) as [number, number, number, number];
    return inHex([a * 256 + b, c * 256 + d]);
  });
  const [left = [], right = []] = inGroups
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16))));
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

const inHex = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(":");
const inDots = (groups: readonly number[]) => groups.flatMap((group) => [group >> 8, group & 255]).join(".");
