import { describe, expect, it } from "@jest/globals";
import { readObject, readService } from "./definitions.ts";

const read = (value: unknown) => readService(readObject(Buffer.from(JSON.stringify(value))));

describe("registrations", () => {
  it("are read in Consul's casing and in snake case", () => {
    const check = (fields: object) => read({ Name: "a", Check: fields }).checks[0];
    const wanted = { intervalMs: 10_000, timeoutMs: 3000, deregisterAfterMs: 30_000 };
    expect(
      check({ HTTP: "http://h/", Interval: "10s", Timeout: "3s", DeregisterCriticalServiceAfter: "30s" }),
    ).toMatchObject(wanted);
    expect(
      check({ http: "http://h/", interval: "10s", timeout: "3s", deregister_critical_service_after: "30s" }),
    ).toMatchObject(wanted);
  });
  it("have durations of whole milliseconds, rounded up, and as long as Consul takes them", () => {
    const { checks } = read({ Name: "a", Check: { TCP: "h:1", Interval: "720h", Timeout: "1.001s" } });
    expect(checks[0]).toMatchObject({ intervalMs: 2_592_000_000, timeoutMs: 1001 });
    expect(read({ Name: "a", Check: { TCP: "h:1", Interval: "1s", Timeout: "1ns" } }).checks[0]?.timeoutMs).toBe(1);
  });
  it("probe at most once a second", () => {
    expect(read({ Name: "a", Check: { TCP: "h:1", Interval: "10ms" } }).checks[0]?.intervalMs).toBe(1000);
  });
  it.each([
    [{}, "Missing service name"],
    [{ Name: 5 }, "name must be a string"],
    [{ Name: "a", Port: -1 }, "port must be a whole number"],
    [{ Name: "a", Port: 70_000 }, "Invalid port"],
    [{ Name: "a", Tags: "x" }, "tags must be a list"],
    [{ Name: "a", Meta: { a: 1 } }, "Meta.a must be a string"],
    [{ Name: "a", Meta: { "a b": "1" } }, "Invalid Service Meta"],
    [{ Name: "a", Meta: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, ""])) }, "more than 64"],
    [{ Name: "a", Check: {} }, "check must be one of"],
    [{ Name: "a", Check: { HTTP: "ftp://h", Interval: "1s" } }, "invalid HTTP address"],
    [{ Name: "a", Check: { HTTP: "http://h/" } }, "Interval must be > 0"],
    [{ Name: "a", Check: { TTL: "soon" } }, "invalid duration"],
    [{ Name: "a", Check: { TTL: "0s" } }, "TTL must be > 0"],
    [{ Name: "a", Check: { TCP: "h", Interval: "1s" } }, "missing port"],
    [{ Name: "a", Check: { TTL: "1s", Status: "odd" } }, "Status for checks"],
    [{ Name: "a", Check: { Args: ["sh"], Interval: "1s" } }, "Scripts are disabled"],
    [{ Name: "a", Check: { UDP: "h:1", Interval: "1s" } }, "not supported"],
    [{ Name: "a", Check: { HTTP: "http://h/", Interval: "1s", Header: { A: ["b\r\nC: d"] } } }, "Header.A"],
    [{ Name: "a", Check: { TTL: "1s", FailuresBeforeWarning: 2, FailuresBeforeCritical: 1 } }, "can't be higher"],
  ])("that are wrong are refused in Consul's words: %j", (value, words) => {
    expect(() => read(value)).toThrow(words);
  });
  it("that are no JSON object are refused", () => {
    for (const body of ["", "{", "[]", "null", "5"])
      expect(() => readObject(Buffer.from(body))).toThrow("Request decode failed");
  });
});
