import { describe, expect, it } from "@jest/globals";
import type { Envelope } from "@weft/contracts";
import type { IncomingRecord } from "./broker.ts";
import { readRecord } from "./read-record.ts";
import { on } from "./subscription.ts";
import { eventRecord, group, memorySchemas } from "./test/fixtures.ts";

const forge = (envelope: Envelope) => Object.assign(envelope, { source: "someone" });

function incoming(change?: (envelope: Envelope) => void): IncomingRecord {
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

const read = (record: IncomingRecord, majors: number[], sources?: string[]) => {
  const onPrice = on("PriceChanged", { reads: [], handle: async () => {}, majors, ...(sources && { sources }) });
  return readRecord(record, group, memorySchemas(), new Map([["PriceChanged", [onPrice]]]));
};

describe("reading a record", () => {
  it("believes nothing that a producer says of its place in the order when it may not publish, in any version", async () => {
    for (const majors of [[1], [2]]) {
      const reading = await read(incoming(forge), majors, ["pricing-service"]);
      expect(reading).toMatchObject({ kind: "dead", reason: "untrusted_source" });
      expect(reading).not.toHaveProperty("delivery");
    }
  });

  it("keeps the place in the order of an event in a version that nobody handles, so that it can be replayed", async () => {
    for (const sources of [undefined, ["pricing-service"]]) {
      const reading = await read(incoming(), [2], sources);
      expect(reading).toMatchObject({ kind: "dead", reason: "unknown_version", delivery: { sequence: 9_000_000 } });
    }
  });
});
