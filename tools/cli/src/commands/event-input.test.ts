import { describe, expect, it } from "@jest/globals";
import { contractOf, validateClosed } from "@weft/contracts";
import { completeEnvelope } from "./event-input.ts";

const example = contractOf("PromotionCreated")!.examples[0]!;

describe("completeEnvelope", () => {
  it("makes a whole envelope of data alone", () => {
    const envelope = completeEnvelope("PromotionCreated", example.data);
    expect(envelope).toMatchObject({
      eventType: "PromotionCreated",
      version: "1.1",
      source: "weft-cli",
      data: example.data,
    });
    expect(validateClosed(envelope)).toBeUndefined();
  });

  it("keeps what an envelope says, and fills the rest in", () => {
    const envelope = completeEnvelope("PromotionCreated", {
      eventType: "PromotionCreated",
      version: "1.0",
      data: { a: 1 },
    });
    expect(envelope).toMatchObject({ version: "1.0", source: "weft-cli", data: { a: 1 } });
    expect(envelope.eventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(completeEnvelope("PromotionCreated", example)).toEqual(example);
  });

  it("gives every event an id of its own", () => {
    const ids = Array.from({ length: 10 }, () => completeEnvelope("PromotionCreated", {}).eventId);
    expect(new Set(ids).size).toBe(10);
  });

  it("refuses an envelope of another type", () => {
    expect(() => completeEnvelope("PromotionCreated", { eventType: "PriceChanged", data: {} })).toThrow(
      "eventType is PriceChanged, not PromotionCreated",
    );
  });

  it.each([["text"], [7], [null], [[1]], [{ eventType: "PromotionCreated" }], [{ data: {} }]])(
    "takes %j for data, which the schema then refuses",
    (input) => {
      const problems = validateClosed(completeEnvelope("PromotionCreated", input));
      expect(Object.keys(problems ?? {}).every((path) => path.startsWith("data"))).toBe(true);
      expect(problems).toBeDefined();
    },
  );
});
