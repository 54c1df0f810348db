import { describe, expect, it } from "@jest/globals";
import type { IncomingRecord } from "./broker.ts";
import { type DeadLetter, deadLetterRecord, withoutValue, withoutValueAndHeaders } from "./dead-letter.ts";
import { headersAsTexts, lastHeader, type RecordHeader } from "./headers.ts";

const record = (headers: RecordHeader[], topic = "pricing.events"): IncomingRecord => ({
  topic,
  partition: 2,
  offset: 7n,
  timestampMs: 1234,
  key: Buffer.from("prod_1"),
  value: Buffer.from("value"),
  headers,
});
const letterOf = (of: IncomingRecord, reason: DeadLetter["reason"] = "rejected"): DeadLetter => ({
  record: of,
  consumer: "catalog-service",
  reason,
  error: "no",
  attempts: 1,
});
const pairs: RecordHeader[] = [
  ["via", Buffer.from("a")],
  ["dlq-reason", Buffer.from("theirs")],
  ["via", Buffer.from("b")],
  ["empty", null],
];

describe("a dead letter", () => {
  it("has every header of its record, in order, those that repeat and those called dlq- too; its own come last", () => {
    const { headers } = deadLetterRecord(letterOf(record(pairs)));
    expect(headers.slice(0, pairs.length)).toEqual(pairs);
    expect(headers.slice(pairs.length).map(([name]) => name)).toEqual([
      "dlq-reason",
      "dlq-error",
      "dlq-topic",
      "dlq-partition",
      "dlq-offset",
      "dlq-timestamp",
      "dlq-consumer",
      "dlq-attempts",
      "dlq-failed-at",
    ]);
    expect(lastHeader(headers, "dlq-reason")).toBe("rejected");
    expect(headersAsTexts(record(pairs).headers)).toEqual({ via: ["a", "b"], "dlq-reason": "theirs", empty: "" });
  });

  it("of a letter that was replayed keeps the block of the first, and the newest is the last", () => {
    const first = deadLetterRecord(letterOf(record([])));
    const replayed = record(
      first.headers.map(([name, value]) => [name, Buffer.from(value!)]),
      "catalog-service.replay",
    );
    const { headers } = deadLetterRecord(letterOf(replayed, "attempts_exhausted"));
    const reasons = headers.filter(([name]) => name === "dlq-reason").map(([, value]) => String(value));
    expect(reasons).toEqual(["rejected", "attempts_exhausted"]);
    const topics = headers.filter(([name]) => name === "dlq-topic").map(([, value]) => String(value));
    expect(topics).toEqual(["pricing.events", "catalog-service.replay"]);
    expect(lastHeader(headers, "dlq-reason")).toBe("attempts_exhausted");
  });

  it("becomes smaller in two steps where the cluster refuses it, and says what was left behind", () => {
    const letter = letterOf(record(pairs));
    expect(withoutValue(letter)).toMatchObject({ value: null, key: letter.record.key });
    expect(withoutValue(letter).headers.slice(0, pairs.length)).toEqual(pairs);
    expect(lastHeader(withoutValue(letter).headers, "dlq-error")).toMatch(
      /^the value \(5 bytes\) does not fit .*; no$/,
    );
    const least = withoutValueAndHeaders(letter);
    expect([least.value, least.headers.length]).toEqual([null, 9]);
    expect(lastHeader(least.headers, "dlq-error")).toMatch(/^the value and the 4 headers do not fit .*; no$/);
  });
});
