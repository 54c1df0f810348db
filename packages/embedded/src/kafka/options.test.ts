import { describe, expect, it } from "@jest/globals";
import { settingsOf } from "./options.ts";

describe("options of the embedded Kafka", () => {
  it("have defaults", () => {
    expect(settingsOf({ dataDir: "x" })).toMatchObject({ port: 9092, host: "127.0.0.1", autoCreateTopics: false });
  });
  it("refuse an address that others can reach, unless told otherwise", () => {
    expect(() => settingsOf({ dataDir: "x", host: "0.0.0.0" })).toThrow(/unsafeBind/);
    expect(settingsOf({ dataDir: "x", host: "0.0.0.0", unsafeBind: true }).host).toBe("0.0.0.0");
  });
  it("are refused all together", () => {
    const wrong = () =>
      settingsOf({
        dataDir: "",
        port: 65_536,
        host: "::",
        maxConnections: 0,
        segmentBytes: 1.5,
        advertised: "nowhere",
      });
    expect(wrong).toThrow(/dataDir.*port.*segmentBytes.*maxConnections.*advertised.*host/);
  });
  it("are their defaults where they are undefined", () => {
    expect(settingsOf({ dataDir: "x", host: undefined as never, port: undefined as never })).toMatchObject({
      host: "127.0.0.1",
      port: 9092,
    });
  });
});
