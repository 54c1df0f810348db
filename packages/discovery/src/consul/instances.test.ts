import { describe, expect, it } from "@jest/globals";
import { entry } from "../testing/fake-consul.ts";
import { instanceOf, isHost } from "./instances.ts";

describe("a registered address", () => {
  it.each(["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::7", "catalog", "catalog.mesh.local", "pod-1_2.svc"])(
    "%s may be called",
    (host) => {
      expect(isHost(host)).toBe(true);
    },
  );

  it.each([
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "0.0.0.0",
    "0.1.2.3",
    "255.255.255.255",
    "224.0.0.1",
    "::",
    "fe80::1",
    "ff02::1",
    "2852039166",
    "0xa9fea9fe",
    "169.254.43518",
    "evil@host",
    "host/path",
    "host?query",
    "host#part",
    "host:80",
    "file:",
    "a b",
    "a\r\nHost: b",
    "[::1]",
    "fe80::1%eth0",
    ".",
    "a..b",
    "-a",
    "",
    `${"a".repeat(64)}.b`,
    `${"a.".repeat(127)}ab`,
  ])("%s may not", (host) => {
    expect(isHost(host)).toBe(false);
    if (host !== "") expect(instanceOf(entry("a", 80, { address: host }))).toMatch(/address .* is not allowed/);
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN, "80" as unknown as number])("port %s may not", (port) => {
    expect(instanceOf(entry("a", port))).toMatch(/port .* is not allowed/);
  });

  it("is the node's where the service has none", () => {
    expect(instanceOf(entry("a", 80, { address: "" }))).toMatchObject({
      host: "10.0.0.1",
      version: "1.0.0",
      createIndex: 7,
    });
  });
});
