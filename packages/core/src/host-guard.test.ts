import { describe, expect, it } from "@jest/globals";
import { hostGuard, isLoopback, originForm } from "./host-guard.ts";

describe("isLoopback", () => {
  it.each([
    "127.0.0.1",
    "127.9.8.7",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "localhost",
    "LOCALHOST",
    "a.localhost",
  ])("is true for %s", (host) => expect(isLoopback(host)).toBe(true));
  it.each([
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "128.0.0.1",
    "localhost.evil.example",
    "notlocalhost",
    "127.0.0.1.evil.example",
    "",
  ])("is false for %j", (host) => expect(isLoopback(host)).toBe(false));
});

describe("a host guard", () => {
  const onLoopback = hostGuard({ listensOn: "127.0.0.1", allowed: ["shop.example.com", "*.tunnel.example", ""] });

  it.each([
    "127.0.0.1",
    "127.0.0.1:8080",
    "localhost:8080",
    "LocalHost.:8080",
    "[::1]:8080",
    "api.localhost",
    "shop.example.com",
    "Shop.Example.com.:443",
    "a.tunnel.example",
    "a.b.tunnel.example:80",
  ])("on loopback answers to %s", (host) => {
    expect(onLoopback({ host })).toBeUndefined();
    expect(onLoopback({ host: "localhost", origin: `http://${host}` })).toBeUndefined();
  });

  it.each([
    "evil.example",
    "evil.example:8080",
    "10.0.0.1",
    "0.0.0.0",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "tunnel.example",
    "eviltunnel.example",
    "not-shop.example.com",
    "localhost@evil.example",
    "localhost evil.example",
    "localhost:8080:9090",
    "[::1",
    "",
  ])("on loopback does not answer to %j", (host) => {
    expect(onLoopback({ host })).toBe("host");
  });

  it.each(["http://evil.example", "https://127.0.0.1.evil.example", "null", "", "file://", "localhost"])(
    "on loopback refuses a page of the origin %j",
    (origin) => expect(onLoopback({ host: "localhost:8500", origin })).toBe("origin"),
  );

  it("lets in what names no host, as HTTP/1.0 does not have to", () => {
    expect(onLoopback({})).toBeUndefined();
  });

  it("on another address answers to every name, unless some are allowed", () => {
    expect(hostGuard({ listensOn: "0.0.0.0", allowed: [] })({ host: "any.example" })).toBeUndefined();
    const named = hostGuard({ listensOn: "0.0.0.0", allowed: ["shop.example.com"] });
    for (const host of ["shop.example.com", "10.1.2.3:8080", "[fd00::1]:8080", "localhost"]) {
      expect(named({ host })).toBeUndefined();
    }
    expect(named({ host: "evil.example" })).toBe("host");
    expect(named({ host: "10.1.2.3", origin: "http://evil.example" })).toBe("origin");
  });

  it("with * answers to every name, also on loopback", () => {
    expect(hostGuard({ listensOn: "::1", allowed: ["*"] })({ host: "evil.example", origin: "null" })).toBeUndefined();
  });
});

describe("originForm", () => {
  it.each([
    ["http://shop.example/v1/a?b=http://c/d", { url: "/v1/a?b=http://c/d", host: "shop.example" }],
    ["HTTPS://[::1]:80?b", { url: "/?b", host: "[::1]:80" }],
    ["http://shop.example", { url: "/", host: "shop.example" }],
  ])("gives %s as path and host", (target, form) => expect(originForm(target)).toEqual(form));

  it.each(["/v1/a", "//shop.example/a", "*", "ftp://a/b", "http:///a", "http://a:b@c/d", "/http://a/b", ""])(
    "gives %j back as it came",
    (target) => expect(originForm(target)).toEqual({ url: target }),
  );
});
