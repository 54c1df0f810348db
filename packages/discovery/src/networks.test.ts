import { connect, createServer } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { AddressNotAllowed } from "./errors.ts";
import { defaultNetworks, networkProblem, networksOf } from "./networks.ts";

const metadata = [
  "169.254.169.254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "fe80::1",
  "fd00:ec2::254",
  "fd20:ce::254",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "0.0.0.0",
  "::",
  "224.0.0.1",
];

describe("networks of instances", () => {
  it.each([
    [
      "loopback",
      ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"],
      ["10.0.0.1", "::2", "8.8.8.8"],
    ],
    [
      "private",
      ["10.1.2.3", "172.17.0.2", "172.31.255.255", "192.168.0.9", "100.64.0.1", "fd00::7", "::ffff:10.1.2.3"],
      ["127.0.0.1", "172.32.0.1", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"],
    ],
    ["10.1.0.0/16", ["10.1.2.3"], ["10.2.0.1", "127.0.0.1"]],
    ["203.0.113.7", ["203.0.113.7"], ["203.0.113.8"]],
    ["2001:db8::/32", ["2001:db8::1"], ["2001:db9::1", "10.0.0.1"]],
    ["::/0", ["2001:db8::1"], ["10.0.0.1", "::ffff:10.0.0.1"]],
    ["0.0.0.0/0", ["8.8.8.8", "::ffff:8.8.8.8"], ["2001:db8::1"]],
  ])("%s allows what lies in it, however it is written, and nothing else", (network, inside, outside) => {
    const tested = networksOf([network]);
    expect(inside.filter((address) => !tested.allows(address))).toEqual([]);
    expect(outside.filter((address) => tested.allows(address))).toEqual([]);
  });

  it("never allow link-local addresses, metadata services of clouds, multicast and what is no address", () => {
    const everything = networksOf(["0.0.0.0/0", "::/0"]);
    expect([...metadata, "localhost", "", "127.1", "::1%lo"].filter((address) => everything.allows(address))).toEqual(
      [],
    );
    expect(networksOf(defaultNetworks).allows("10.0.0.1")).toBe(true);
  });

  it.each(["", "lan", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/8 ", "localhost", 7, null])(
    "are refused where one is %j",
    (text) => {
      expect(networkProblem(text)).toMatch(/^must be loopback, private, an IP address or a network/);
    },
  );

  it("check every address of a name when a connection is made to it", async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const connecting = (networks: string[]) =>
      new Promise<unknown>((resolve) => {
        const socket = connect({ host: "localhost", port, lookup: networksOf(networks).lookup });
        socket.once("connect", () => resolve("connected")).once("error", resolve);
        socket.once("close", () => socket.destroy());
      });
    expect(await connecting(["loopback"])).toBe("connected");
    expect(await connecting(["private"])).toBeInstanceOf(AddressNotAllowed);
    expect(await networksOf(["loopback"]).resolve("localhost")).toContain("127.0.0.1");
    await expect(networksOf(["10.0.0.0/8"]).resolve("localhost")).rejects.toBeInstanceOf(AddressNotAllowed);
    await expect(networksOf(["loopback"]).resolve("10.0.0.1")).rejects.toBeInstanceOf(AddressNotAllowed);
    await expect(networksOf(["loopback"]).resolve("no-such-host.invalid")).rejects.toThrow();
    server.close();
  });
});
