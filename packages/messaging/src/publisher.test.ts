import { describe, expect, it } from "@jest/globals";
import { contracts, decodeWire, type Envelope, type EventData, EventInvalid } from "@weft/contracts";
import { newContext, runInContext } from "@weft/core";
import type { OutgoingRecord } from "./broker.ts";
import { lastHeader } from "./headers.ts";
import { directPublisher, recordOf } from "./publisher.ts";
import { memorySchemas } from "./test/fixtures.ts";

const example = contracts.PriceChanged.examples[0]!;

function publisherWithLog() {
  const sent: OutgoingRecord[] = [];
  const broker = { send: async (records: readonly OutgoingRecord[]) => void sent.push(...records) };
  return { sent, publisher: directPublisher({ broker, schemas: memorySchemas() }, { source: "weft-cli" }) };
}

describe("the record of a stored event", () => {
  it("is the five bytes before the text as it was stored, with the facts as headers, whatever else it was stored with", () => {
    const text = JSON.stringify(example);
    const headers = {
      source: example.source,
      "correlation-id": "req-1",
      "event-id": "another",
      "aggregate-id": "another",
    };
    const event = { ...example, text, topic: "pricing.events", aggregateId: "prod_1", headers };
    const record = recordOf({ ...event, sequence: 7 }, 42);
    expect(record).toMatchObject({ topic: "pricing.events", key: "prod_1" });
    expect(record.value!.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, 42]));
    expect(record.value!.subarray(5).toString()).toBe(text);
    expect(record.headers).toEqual({
      "event-id": example.eventId,
      "event-type": "PriceChanged",
      "event-version": example.version,
      source: example.source,
      "aggregate-id": "prod_1",
      "content-type": "application/json",
      "event-sequence": "7",
      "correlation-id": "req-1",
    });
    expect(recordOf(event, 42).headers).not.toHaveProperty("event-sequence");
  });
});

describe("a direct publisher", () => {
  it("fills what is missing, claims no order, and hands the context on", async () => {
    const { sent, publisher } = publisherWithLog();
    const user = { id: "cust_1", role: "customer" };
    const context = newContext({
      requestId: "req-9",
      causationId: "event-0",
      caller: "weft-cli",
      user,
      baggage: "a=1",
    });
    const envelope = await runInContext(context, () => publisher.publish("PriceChanged", example.data));
    expect(envelope).toMatchObject({ eventType: "PriceChanged", source: "weft-cli", data: example.data });
    const [record] = sent;
    expect(record).toMatchObject({ topic: "pricing.events", key: example.data.productId });
    expect(record!.headers).toMatchObject({
      "event-id": envelope.eventId,
      "correlation-id": "req-9",
      "causation-id": "event-0",
      caller: "weft-cli",
      "user-id": "cust_1",
      "user-role": "customer",
      baggage: "a=1",
    });
    expect(lastHeader(record!.headers, "traceparent")).toContain(context.trace.traceId);
    expect(record!.headers).not.toHaveProperty("event-sequence");
    expect(decodeWire(record!.value!)).toMatchObject({ ok: true, json: envelope });
  });

  it("sends nothing that the schema refuses, and names the field", async () => {
    const { sent, publisher } = publisherWithLog();
    const data = { ...example.data, basePrice: "cheap" } as unknown as EventData<"PriceChanged">;
    const error = await publisher.publish("PriceChanged", data).catch((caught) => caught);
    expect(EventInvalid.is(error)).toBe(true);
    expect(error.details.field_errors).toHaveProperty(["data.basePrice"]);
    const unknown = { ...example, more: 1 } as unknown as Envelope;
    expect((await publisher.publishEnvelope(unknown).catch((caught) => caught)).details.field_errors).toHaveProperty(
      "more",
    );
    expect(sent).toEqual([]);
  });

  it("takes a whole envelope and another key", async () => {
    const { sent, publisher } = publisherWithLog();
    await publisher.publishEnvelope(example, { key: "elsewhere" });
    expect(sent[0]).toMatchObject({ key: "elsewhere" });
    expect(lastHeader(sent[0]!.headers, "event-id")).toBe(example.eventId);
  });
});
