import { describe, expect, it } from "@jest/globals";
import { brokerList, databaseUrl, httpUrl } from "./addresses.ts";

describe("addresses", () => {
  it.each(["127.0.0.1:9092", "kafka-1:9092,kafka-2:9093", "a:1, b:2", "[::1]:9092"])("takes brokers %s", (text) => {
    expect(brokerList("--kafka", text)).toBe(text);
  });
  it.each(["", "kafka", "kafka:", "kafka:0", "kafka:70000", "http://kafka:9092", "a:1,,b:2"])(
    "refuses brokers %j and names the option",
    (text) => {
      expect(() => brokerList("--kafka", text)).toThrow("--kafka must be host:port");
    },
  );
  it.each(["http://127.0.0.1:8500", "https://consul.example/prefix"])("takes the URL %s", (text) => {
    expect(httpUrl("--consul", text)).toBe(text);
  });
  it.each(["", "consul", "127.0.0.1:8500", "ftp://consul"])("refuses the URL %j", (text) => {
    expect(() => httpUrl("WEFT_CONSUL_URL", text)).toThrow("WEFT_CONSUL_URL must be a URL");
  });
  it.each([
    "htp://weft:sesame@consul:8500",
    "http://weft:sesame@consul",
    "weft:sesame@consul:8500",
    "http//weft:sesame@consul",
  ])("does not tell the password of %s", (text) => {
    for (const read of [httpUrl, brokerList]) expect(() => read("--x", text)).toThrow(/^--x must be((?!sesame).)*$/);
  });
  it("asks for a place for the database's name, and never tells the password", () => {
    const url = "postgres://weft:sesame@db:5432/{database}";
    expect(databaseUrl("--postgres", url)).toBe(url);
    for (const wrong of ["postgres://weft:sesame@db/weft", "mysql://weft:sesame@db/{database}", "sesame"]) {
      expect(() => databaseUrl("--postgres", wrong)).toThrow(/^--postgres must be a URL((?!sesame).)*$/);
    }
  });
});
