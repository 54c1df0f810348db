import { type LookupAddress, lookup as lookUp } from "node:dns";
import { BlockList, isIP, type LookupFunction, SocketAddress } from "node:net";
import { AddressNotAllowed } from "./errors.ts";

/** Words for networks, beside `10.0.0.0/8` and single addresses. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  // RFC 1918, RFC 6598 (what providers and clusters use inside), RFC 4193.
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"],
};

/**
 * Never allowed, whatever a list says: no service of a mesh can have them. "This host", link-local (where the metadata service
 * of most clouds answers with credentials), multicast, and the addresses of metadata services that lie elsewhere.
 */
const forbidden = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/3",
  "100.100.100.200/32", // Alibaba Cloud
  "192.0.0.192/32", // Oracle Cloud
  "168.63.129.16/32", // Azure
  "::/128",
  "fe80::/10",
  "ff00::/8",
  "fd00:ec2::/32", // Amazon EC2
  "fd20:ce::254/128", // Google Cloud
];

export const defaultNetworks: readonly string[] = ["loopback", "private"];

/** Where instances may be. Whoever may register could otherwise point callers anywhere, with what their requests carry. */
export interface Networks {
  /** @param address an IP address */
  allows(address: string): boolean;
  /** The allowed ones among the addresses of a host now. @throws AddressNotAllowed where there is none   @throws what DNS says */
  resolve(host: string): Promise<string[]>;
  /** The same as `net.connect` takes it, which asks it anew for each connection to a name (and never for an IP address). */
  lookup: LookupFunction;
}

/** @returns what is wrong with an entry of a list, as the end of a sentence, or nothing */
export function networkProblem(text: unknown): string | undefined {
  if (typeof text === "string" && (Object.hasOwn(named, text) || parsed(text))) return undefined;
  return `must be loopback, private, an IP address or a network as 10.0.0.0/8, not ${JSON.stringify(text)}`;
}

/** @param list of which `networkProblem` finds nothing wrong */
export function networksOf(list: readonly string[]): Networks {
  const allowed = listOf(list.flatMap((text) => named[text] ?? [text]));
  const never = listOf(forbidden);
  const allows = (address: string) => !never(address) && allowed(address);

  function among(host: string, addresses: LookupAddress[]): LookupAddress[] {
    const usable = addresses.filter(({ address }) => allows(address));
    if (usable.length === 0) throw new AddressNotAllowed({ host });
    return usable;
  }

  function resolveAll(host: string, done: (error: Error | null, addresses: LookupAddress[]) => void): void {
    lookUp(host, { all: true }, (error, addresses) => {
      if (error) return done(error, []);
      try {
        done(null, among(host, addresses));
      } catch (refused) {
        done(refused as Error, []);
      }
    });
  }

  return {
    allows,
    resolve: (host) =>
      new Promise((resolve, reject) =>
        resolveAll(host, (error, addresses) =>
          error ? reject(error) : resolve(addresses.map(({ address }) => address)),
        ),
      ),
    lookup(host, { all, family }, done) {
      resolveAll(host, (error, addresses) => {
        const ofFamily = addresses.filter(
          (found) => !family || found.family === family || family === `IPv${found.family}`,
        );
        const [first] = ofFamily;
        if (error || !first) done(error ?? new AddressNotAllowed({ host }), "", 0);
        else if (all) done(null, ofFamily);
        else done(null, first.address, first.family);
      });
    },
  };
}

/** Everywhere but where no service can be. */
export const anywhere: Networks = networksOf(["0.0.0.0/0", "::/0"]);

/** For a host that is an IP address, which no `lookup` is asked about. @throws AddressNotAllowed */
export function assertAllowed({ allows }: Networks, host: string): void {
  if (isIP(host) !== 0 && !allows(host)) throw new AddressNotAllowed({ host });
}

interface Parsed {
  address: string;
  prefix: number;
  family: "ipv4" | "ipv6";
}

function parsed(text: string): Parsed | undefined {
  const [, address = "", prefix] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  return length > bits ? undefined : { address, prefix: length, family: version === 4 ? "ipv4" : "ipv6" };
}

/** Two lists: in one of Node 24, `::/0` also matches every IPv4 address. */
function listOf(texts: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of texts) {
    const { address, prefix, family } = parsed(text)!;
    lists[family].addSubnet(address, prefix, family);
  }
  return (address) => {
    const plain = unmapped(address);
    const version = isIP(plain);
    if (version === 0 || plain.includes("%")) return false;
    const family = version === 4 ? "ipv4" : "ipv6";
    return lists[family].check(plain, family);
  };
}

/** `::ffff:127.0.0.1` and `::ffff:7f00:1` are 127.0.0.1: the system connects to that. */
function unmapped(address: string): string {
  if (isIP(address) !== 6 || address.includes("%")) return address;
  const { address: normal } = new SocketAddress({ address, family: "ipv6" });
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(normal);
  return mapped ? mapped[1]! : address;
}
