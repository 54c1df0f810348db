import { describe, expect, it } from "@jest/globals";
import {
  contracts,
  createEnvelope,
  type EventData,
  EventInvalid,
  EventTooLarge,
  EventTypeUnknown,
  keyOf,
  maxEventBytes,
  readEnvelope,
  serializeEnvelope,
  validateClosed,
} from "./index.ts";

const price: EventData<"PriceChanged"> = {
  productId: "prod_1",
  basePrice: 10,
  finalPrice: 9.5,
  currency: "EUR",
  changedAt: "2026-03-02T09:30:00Z",
};
const source = "pricing-service";
const wrong = (value: unknown) => value as EventData<"PriceChanged">;
const fieldErrorsOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    if (EventInvalid.is(error)) return error.details?.field_errors;
    throw error;
  }
  return undefined;
};

describe("createEnvelope", () => {
  it("fills in id, version and time, and takes those that it is given", () => {
    const made = createEnvelope("PriceChanged", price, { source });
    expect(made).toMatchObject({ eventType: "PriceChanged", version: "1.0", source, data: price });
    expect(made.eventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(Math.abs(Date.now() - Date.parse(made.timestamp))).toBeLessThan(5000);
    const given = { source, eventId: "evt-1", timestamp: "2026-01-01T00:00:00+01:00" };
    expect(createEnvelope("PriceChanged", price, given)).toMatchObject(given);
  });

  it("reports every wrong field together, by its path", () => {
    const data = wrong({ ...price, basePrice: "10", currency: undefined, colour: "red", changedAt: "yesterday" });
    expect(fieldErrorsOf(() => createEnvelope("PriceChanged", data, { source, timestamp: "now" }))).toEqual({
      timestamp: expect.stringMatching(/^must match format "date-time"/),
      "data.basePrice": "must be number",
      "data.currency": "is required",
      "data.colour": "is not a known field",
      "data.changedAt": expect.stringMatching(/^must match format "date-time"/),
    });
  });

  it("points into nested objects and lists", () => {
    const [promotion, shipment] = [contracts.PromotionCreated.examples[0], contracts.ShipmentCreated.examples[0]];
    const rules = { actions: { discountValue: "ten" } } as never;
    expect(fieldErrorsOf(() => createEnvelope("PromotionCreated", { ...promotion!.data, rules }, { source }))).toEqual({
      "data.rules.actions.discountValue": "must be number",
    });
    const items = [{ quantity: 1 }, { quantity: 1.5 }];
    expect(fieldErrorsOf(() => createEnvelope("ShipmentCreated", { ...shipment!.data, items }, { source }))).toEqual({
      "data.items.1.quantity": "must be integer",
    });
  });

  it("takes an optional field that is undefined as absent", () => {
    const made = createEnvelope("PriceChanged", { ...price, warehouseId: undefined }, { source });
    expect(JSON.parse(serializeEnvelope(made)).data).toEqual(price);
  });

  it("refuses an empty key, also where the schema allows an empty text", () => {
    const applied = { promotionId: "promo_1", orderId: "", customerId: "cust_1", discountAmount: 1 };
    expect(fieldErrorsOf(() => createEnvelope("PromotionApplied", applied, { source }))).toEqual({
      "data.orderId": "must not be empty, it is the key",
    });
  });

  it("refuses what no consumer would read", () => {
    let deep: Record<string, unknown> = {};
    for (let depth = 0; depth < 100; depth += 1) deep = { deep };
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const product = contracts.ProductCreated.examples[0]!.data;
    for (const attributes of [
      deep,
      circular,
      { half: "\ud800" },
      { big: Number.POSITIVE_INFINITY },
      JSON.parse('{"__proto__":1}'),
    ]) {
      expect(() => createEnvelope("ProductCreated", { ...product, attributes }, { source })).toThrow(
        EventInvalid as never,
      );
    }
    expect(
      fieldErrorsOf(() => createEnvelope("PriceChanged", { ...price, basePrice: Number.NaN }, { source })),
    ).toEqual({
      "data.basePrice": "must be number",
    });
  });

  it("names the types that exist when it is asked for another", () => {
    const make = () => createEnvelope("PriceVanished" as "PriceChanged", price, { source });
    expect(make).toThrow(/no event type PriceVanished; there are .*PriceChanged/);
    expect(make).toThrow(EventTypeUnknown as never);
  });
});

describe("serializeEnvelope", () => {
  const sized = (bytes: number) => {
    const product = contracts.ProductCreated.examples[0]!.data;
    const make = (description: string) =>
      createEnvelope("ProductCreated", { ...product, description }, { source, eventId: "e" });
    return make("x".repeat(bytes - Buffer.byteLength(JSON.stringify(make("")))));
  };

  it("takes an event of the limit and refuses one byte more, saying both numbers", () => {
    expect(Buffer.byteLength(serializeEnvelope(sized(maxEventBytes)))).toBe(maxEventBytes);
    expect(() => serializeEnvelope(sized(maxEventBytes + 1))).toThrow(/takes 900001 bytes.*may take 900000/);
    expect(() => serializeEnvelope(sized(maxEventBytes * 10))).toThrow(EventTooLarge as never);
  });
});

describe("keyOf", () => {
  it("is the field that the document names", () => {
    expect(keyOf(contracts.PromotionApplied.examples[0]!)).toBe("order_1001");
    expect(keyOf(contracts.PromotionCreated.examples[0]!)).toBe("promo_spring");
  });
});

describe("readEnvelope", () => {
  const good = createEnvelope("PriceChanged", price, { source });

  it("tells a wrong shape from an unknown type and an unknown version", () => {
    expect(readEnvelope({ ...good, data: { ...price, basePrice: null } })).toMatchObject({
      reason: "schema_invalid",
      fieldErrors: { "data.basePrice": "must be number" },
    });
    expect(readEnvelope({ ...good, eventType: "PriceVanished" })).toMatchObject({ ok: false, reason: "unknown_type" });
    expect(readEnvelope({ ...good, version: "2.0" })).toMatchObject({ ok: false, reason: "unknown_version" });
    expect(readEnvelope({ ...good, version: "1.99" }).ok).toBe(true);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["a text", "PriceChanged"],
    ["a list", [good]],
    ["an empty object", {}],
    ["an event type that every object inherits", { ...good, eventType: "constructor" }],
    ["an event type that is an object", { ...good, eventType: {} }],
    ["a version that is a number", { ...good, version: 1 }],
    ["a version without a minor", { ...good, version: "1" }],
    ["data that is null", { ...good, data: null }],
    ["data that is a list", { ...good, data: [] }],
    ["no data", { ...good, data: undefined }],
  ])("never throws: %s", (_name, value) => {
    expect(readEnvelope(value)).toMatchObject({ ok: false, message: expect.any(String) });
    expect(Object.keys(validateClosed(value) ?? {}).length).toBeGreaterThan(0);
  });
});
