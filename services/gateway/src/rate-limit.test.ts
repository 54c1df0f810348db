import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { RateLimited, type WeftError } from "@weft/core";
import { addressKey, clientAddress } from "./client-address.ts";
import { rateLimit } from "./rate-limit.ts";

/** How many of `count` requests get through. */
function passed(limit: (key: string) => void, key: string, count: number): number {
  let through = 0;
  for (let index = 0; index < count; index += 1) {
    try {
      limit(key);
      through += 1;
    } catch (error) {
      if (!RateLimited.is(error)) throw error;
    }
  }
  return through;
}

describe("the rate limit", () => {
  it("lets a burst of 200 through and then 100 a second", () => {
    let time = 0;
    const limit = rateLimit({}, { now: () => time });
    expect(passed(limit, "subject a", 1000)).toBe(200);
    time += 10;
    expect(passed(limit, "subject a", 10)).toBe(1);
    time += 1000;
    expect(passed(limit, "subject a", 1000)).toBe(100);
    time += 3_600_000;
    expect(passed(limit, "subject a", 1000)).toBe(200);
  });

  it("counts each subject and address for itself", () => {
    const limit = rateLimit({}, { now: () => 0 });
    expect(passed(limit, "subject a", 300)).toBe(200);
    expect(passed(limit, "subject b", 300)).toBe(200);
    expect(passed(limit, "address 10.0.0.1", 300)).toBe(200);
  });

  it.each([
    [100, 1],
    [0.5, 2],
    [0.1, 10],
  ])("says at %d a second when to come again: in %d s", (perSecond, seconds) => {
    const limit = rateLimit({}, { perSecond, burst: 1, now: () => 0 });
    limit("a");
    expect(() => limit("a")).toThrow(expect.objectContaining({ retryAfterSeconds: seconds } as Partial<WeftError>));
  });

  it("can be off", () => expect(passed(rateLimit({}, { perSecond: "off" }), "a", 10_000)).toBe(10_000));

  it("remembers a bounded number of keys: a million of them cost less than 64 MB", () => {
    const limit = rateLimit({}, { now: () => 0 });
    const before = heapInUse();
    for (let index = 0; index < 1_000_000; index += 1) limit(`address 10.${index}`);
    expect(heapInUse() - before).toBeLessThan(64 * 1024 * 1024);
    expect(limit("somebody else")).toBeUndefined(); // still in use here, so what was measured is what it keeps
  });

  it("forgets those that were quiet longest first", () => {
    const limit = rateLimit({}, { perSecond: 1, burst: 1, maxKeys: 4, now: () => 0 });
    limit("busy");
    limit("quiet");
    expect(passed(limit, "busy", 1)).toBe(0);
    limit("new 1");
    expect(passed(limit, "busy", 1)).toBe(0);
    limit("new 2");
    expect(passed(limit, "busy", 1)).toBe(0);
    expect(passed(limit, "quiet", 1)).toBe(1);
  });
});

describe("the address of a client", () => {
  it.each([
    ["203.0.113.9", undefined, 0, "203.0.113.9"],
    // Without a proxy in front, what a stranger says of itself counts for nothing.
    ["203.0.113.9", "1.2.3.4", 0, "203.0.113.9"],
    ["10.0.0.1", "1.2.3.4", 1, "1.2.3.4"],
    ["10.0.0.1", "6.6.6.6, 1.2.3.4", 1, "1.2.3.4"],
    ["10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", 2, "1.2.3.4"],
    ["10.0.0.1", "6.6.6.6, 1.2.3.4, , ", 1, "1.2.3.4"],
    ["10.0.0.1", undefined, 1, "10.0.0.1"],
    ["10.0.0.1", "1.2.3.4", 3, "10.0.0.1"],
    // What is no address must not be a bucket of its own.
    ["10.0.0.1", "unknown", 1, "10.0.0.1"],
    ["10.0.0.1", "_hidden:4711", 1, "10.0.0.1"],
    ["10.0.0.1", "1.2.3.4:4711:1", 1, "10.0.0.1"],
    ["10.0.0.1", "1.2.3.004", 1, "10.0.0.1"],
    ["", undefined, 0, "unknown"],
  ])("of %s with X-Forwarded-For %s behind %d proxies is %s", (remote, forwarded, proxies, expected) => {
    expect(clientAddress(remote, forwarded, proxies)).toBe(expected);
  });

  it.each([
    ["203.0.113.9", "203.0.113.9:4711", "::ffff:203.0.113.9", "::FFFF:cb00:7109", "0:0:0:0:0:ffff:203.0.113.9"],
    ["203.0.113.9", " 203.0.113.9 ", '"203.0.113.9:1"', "[::ffff:203.0.113.9]:4711", "::ffff:203.0.113.9%eth0"],
    ["2001:db8::1", "2001:DB8::1", "2001:0db8:0:0:0:0:0:1", "[2001:db8::1]", "[2001:db8::1]:4711", "2001:db8:0::1"],
    ["2001:db8::1", '"[2001:db8::1]:4711"', "2001:db8::1%eth0", "[2001:db8::1%25eth0]:80", "2001:db8::0.0.0.1"],
    ["::1", "0:0:0:0:0:0:0:1", "[::1]", "::0001"],
  ])("is one however it is written: %s", (address, ...spellings) => {
    for (const spelling of spellings) {
      expect([spelling, clientAddress("10.0.0.1", spelling, 1)]).toEqual([spelling, address]);
      if (!/["[]|:\d+$/.test(spelling)) expect(clientAddress(spelling, undefined)).toBe(address);
    }
  });

  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1", "fe80:0:0:0::/64"],
    ["unknown", "unknown"],
  ])("%s counts as %s", (address, key) => expect(addressKey(address)).toBe(key));
});

/** Bytes that something holds on to: garbage is collected first, or the figure says when the collector last ran. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
