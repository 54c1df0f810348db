import { describe, expect, it } from "@jest/globals";
import { OptionsInvalid, silentLogger } from "@weft/core";
import { kafkaBroker } from "./kafka-broker.ts";

describe("the Kafka configuration", () => {
  it("is refused with every wrong field", () => {
    const wrong = {
      brokers: ["nowhere"],
      clientId: "",
      requestTimeoutMs: 0,
      heartbeatMs: 8000,
      revokeTimeoutMs: 60_000,
    };
    try {
      kafkaBroker({ log: silentLogger }, wrong);
      throw new Error("was taken");
    } catch (error) {
      expect(OptionsInvalid.is(error)).toBe(true);
      const fields = Object.keys((error as { details: { field_errors: object } }).details.field_errors);
      expect(fields.sort()).toEqual(["brokers", "clientId", "heartbeatMs", "requestTimeoutMs", "revokeTimeoutMs"]);
    }
  });

  it("needs no more than addresses and a name", () => {
    expect(kafkaBroker({ log: silentLogger }, { brokers: ["127.0.0.1:9092"], clientId: "x" }).name).toBe("kafka");
  });
});
