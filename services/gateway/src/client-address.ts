import { isIPv6 } from "node:net";

/**
 * Who is counted where nobody is known: the address of the connection, or, behind proxies that are named in the configuration,
 * the one that the outermost of them wrote into `X-Forwarded-For`. What stands further left was written by the stranger.
 * An IPv6 address counts as its /64, which is one customer's.
 */
export function clientAddress(remoteAddress: string, forwardedFor: string | undefined, trustedProxies = 0): string {
  const chain = (forwardedFor ?? "").split(",").map((part) => part.trim());
  const written = trustedProxies > 0 ? chain.at(-trustedProxies) : undefined;
  const address = (written || remoteAddress).replace(/^::ffff:(?=\d+\.)/i, "").slice(0, 64);
  return isIPv6(address) ? `${network(address)}::/64` : address;
}

/** The first four groups of eight. */
function network(address: string): string {
  const [head = "", tail = ""] = address.split("%", 1)[0]!.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = address.includes("::") ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0") : [];
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group || "0", 16).toString(16))
    .join(":");
}
