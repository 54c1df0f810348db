import { describe, expect, it } from "@jest/globals";
import type { Envelope } from "@weft/contracts";
import type { IncomingRecord } from "./broker.ts";
import type { RecordHeader } from "./headers.ts";
import { contextOf, readRecord } from "./read-record.ts";
import { on } from "./subscription.ts";
import { eventRecord, group, memorySchemas } from "./test/fixtures.ts";

const forge = (envelope: Envelope) => Object.assign(envelope, { source: "someone" });

function incoming(change?: (envelope: Envelope) => void): IncomingRecord & { headers: RecordHeader[] } {
  const { topic, key, value, headers } = eventRecord({ sequence: 9_000_000, ...(change && { change }) });
  return {
    topic,
    partition: 0,
    offset: 5n,
    timestampMs: 0,
    key: Buffer.from(key!),
    value,
    headers: Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
  };
}

const read = (record: IncomingRecord, majors = [1], sources = ["pricing-service"]) => {
  const onPrice = { ...on("PriceChanged", { reads: [], handle: async () => {}, majors }), sources };
  return readRecord(record, group, memorySchemas(), new Map([["PriceChanged", [onPrice]]]));
};

/** Nothing in the envelope says them: they can only contradict themselves. */
const saidByHeadersAlone = new Set(["event-sequence", "event-place"]);

describe("reading a record", () => {
  it("believes nothing that a producer says of its place in the order when it may not publish, in any version", async () => {
    for (const majors of [[1], [2]]) {
      const reading = await read(incoming(forge), majors);
      expect(reading).toMatchObject({ kind: "dead", reason: "untrusted_source" });
      expect(reading).not.toHaveProperty("delivery");
    }
  });

  it("keeps the place in the order of an event in a version that nobody handles, so that it can be replayed", async () => {
    const reading = await read(incoming(), [2]);
    expect(reading).toMatchObject({ kind: "dead", reason: "unknown_version", delivery: { sequence: 9_000_000 } });
  });

  it.each([
    ["source", "evil", "untrusted_source"],
    ["source", "", "untrusted_source"],
    ["event-id", "another", "schema_invalid"],
    ["event-type", "PriceForgotten", "schema_invalid"],
    ["event-version", "1.9", "schema_invalid"],
    ["aggregate-id", "prod_2", "schema_invalid"],
    ["event-sequence", "3", "schema_invalid"],
    ["event-place", "3", "schema_invalid"],
  ])(
    "takes no event whose header %s says %j, alone or beside the right one, and no place in the order from it",
    async (name, wrong, reason) => {
      const { headers, ...record } = incoming();
      const others = headers.filter(([given]) => given !== name);
      const right = headers.filter(([given]) => given === name);
      if (name === "event-place") right.push([name, Buffer.from("9000000")]);
      const forged: RecordHeader = [name, Buffer.from(wrong)];
      const contradicting = [
        ...(saidByHeadersAlone.has(name) ? [] : [[...others, forged]]),
        [...others, forged, ...right],
        [...others, ...right, forged],
      ];
      for (const headers of contradicting) {
        const reading = await read({ ...record, headers });
        expect(reading).toMatchObject({ kind: "dead", reason });
        expect(reading).not.toHaveProperty("delivery");
      }
    },
  );

  it("takes an event without headers, by its envelope, and one whose headers say the same twice", async () => {
    const record = incoming();
    expect(await read({ ...record, headers: [] })).toMatchObject({
      kind: "event",
      event: { source: "pricing-service" },
    });
    expect(await read({ ...record, headers: [...record.headers, ...record.headers] })).toMatchObject({ kind: "event" });
  });
});

describe("the context of a record", () => {
  const withHeaders = (headers: Record<string, Buffer>): IncomingRecord => {
    const record = incoming();
    return { ...record, headers: [...record.headers, ...Object.entries(headers)] };
  };

  it("is what the headers say, with the event as the cause of what follows, and a user who gives no rights", () => {
    const headers = {
      caller: Buffer.from("gateway"),
      "user-id": Buffer.from("cust_1"),
      "user-role": Buffer.from("admin"),
    };
    expect(contextOf(withHeaders({ ...headers, "causation-id": Buffer.from("earlier") }), "event-1")).toMatchObject({
      requestId: "req-1",
      correlationId: "req-1",
      causationId: "event-1",
      caller: "gateway",
      user: { id: "cust_1", role: "admin", isProvenance: true },
    });
  });

  it.each([
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00])],
    ["a line break", Buffer.from("a\nb")],
    ["nothing", Buffer.alloc(0)],
    ["a mebibyte", Buffer.alloc(1_048_576, "a")],
  ])("has nothing of a header that a foreign producer wrote: %s", (_what, value) => {
    const names = [
      "correlation-id",
      "traceparent",
      "tracestate",
      "baggage",
      "caller",
      "user-id",
      "user-role",
      "idempotency-key",
    ];
    const context = contextOf(withHeaders(Object.fromEntries(names.map((name) => [name, value]))));
    const { requestId, trace } = contextOf(withHeaders({}));
    expect(context).toEqual({
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      correlationId: context.requestId,
      trace: { traceId: expect.stringMatching(/^[0-9a-f]{32}$/), spanId: expect.any(String), sampled: true },
    });
    expect([requestId, trace.state]).toEqual(["req-1", undefined]);
  });
});
