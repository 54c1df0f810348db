import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { compileValidator } from "@weft/core";
import fc from "fast-check";
import { asReadersHold, type JsonSchema } from "./envelope-schema.ts";
import {
  contractOf,
  contracts,
  contractsOfAllMajors,
  deadLetterTopic,
  type Envelope,
  eventTypes,
  readEnvelope,
  topics,
  validateClosed,
} from "./index.ts";

const schemas = new URL("../../../schemas/", import.meta.url);

/** Paths below `value`, each as the keys that lead there. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))];
}

function changed(value: unknown, path: string[], replacement: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  let part = copy;
  for (const key of path.slice(0, -1)) part = part[key] as Record<string, unknown>;
  const last = path.at(-1);
  if (last === undefined) return replacement;
  if (replacement === undefined) delete part[last];
  else part[last] = replacement;
  return copy;
}

const moments = [
  "0001-01-01T00:00:00+01:00",
  "0000-12-31T23:59:59Z",
  "9999-12-31T23:30:00-01:00",
  "2016-12-31T23:59:60Z",
];
const integers = [2 ** 53, -(2 ** 53), 1e300, -1e300, 0.5];

/** Moments, integers and texts of a schema, each with values that it must not take; `*` stands for the place in a list. */
function fieldsOf(schema: JsonSchema, path: string[] = []): { path: string[]; wrong: unknown[] }[] {
  if (schema.format === "date-time") return [{ path, wrong: moments }];
  if (schema.type === "integer") return [{ path, wrong: integers }];
  if (schema.type === "string" && !schema.enum && !schema.pattern) return [{ path, wrong: ["a\0b"] }];
  const { properties = {}, items } = schema as { properties?: Record<string, JsonSchema>; items?: JsonSchema };
  return [
    ...Object.entries(properties).flatMap(([name, field]) => fieldsOf(field, [...path, name])),
    ...(items ? fieldsOf(items, [...path, "*"]) : []),
  ];
}

const isAt = (path: string[], pattern: string[]) =>
  path.length === pattern.length && pattern.every((part, at) => part === "*" || part === path[at]);

describe("contracts", () => {
  it("has the thirteen event types, each on a declared topic under its subject", () => {
    expect(eventTypes).toHaveLength(13);
    for (const { eventType, topic, subject, major } of contractsOfAllMajors) {
      expect(topics.find(({ name }) => name === topic)?.kind).toBe("events");
      expect(subject).toBe(`${topic}-${eventType}${major === 1 ? "" : `-v${major}`}`);
    }
    expect(contracts.PromotionApplied).toMatchObject({ topic: "promotion.events", key: "orderId", version: "1.0" });
    expect(contracts.PromotionCreated).toMatchObject({ key: "promotionId", version: "1.1", major: 1 });
    expect(contractOf("PromotionCreated", 2)).toBeUndefined();
    expect(contractOf("toString")).toBeUndefined();
  });

  it("declares seven event topics of six partitions and dead letters of one", () => {
    const events = topics.filter(({ kind }) => kind === "events");
    expect(events.map(({ name }) => name)).toHaveLength(7);
    for (const { partitions, retentionMs, replication } of events) {
      expect({ partitions, retentionMs, replication }).toEqual({
        partitions: 6,
        retentionMs: 604_800_000,
        replication: { embedded: 1, otherwise: 3 },
      });
    }
    expect(topics.find(({ name }) => name === deadLetterTopic("catalog-service"))).toMatchObject({ partitions: 1 });
  });

  it.each(contractsOfAllMajors.map((contract) => [contract.eventType, contract] as const))(
    "%s: accepts its examples in both forms and refuses its counter-examples with a path",
    (_name, { examples, counterExamples }) => {
      expect(examples.length).toBeGreaterThanOrEqual(2);
      expect(counterExamples.length).toBeGreaterThanOrEqual(3);
      for (const example of examples) {
        expect(validateClosed(example)).toBeUndefined();
        expect(readEnvelope(example)).toEqual({ ok: true, envelope: example });
      }
      for (const { envelope } of counterExamples) {
        const paths = Object.keys(validateClosed(envelope) ?? {});
        expect(paths).toHaveLength(1);
        expect(paths[0]).toMatch(/^data\./);
      }
    },
  );

  it("refuses an unknown field at any closed depth when publishing, and reads it when consuming", () => {
    const [example] = contracts.PromotionCreated.examples;
    for (const path of [
      [],
      ["data"],
      ["data", "rules"],
      ["data", "rules", "conditions"],
      ["data", "rules", "actions"],
    ]) {
      const newer = changed(example, [...path, "later"], 1);
      expect(validateClosed(newer)).toEqual({ [[...path, "later"].join(".")]: "is not a known field" });
      expect(readEnvelope(newer).ok).toBe(true);
    }
  });

  it("leaves open what no one fixed: address, profile, preferences, attributes", () => {
    const [shipment] = contracts.ShipmentCreated.examples;
    expect(validateClosed(changed(shipment, ["data", "fulfillmentEntity", "address", "floor"], 3))).toBeUndefined();
    const [customer] = contracts.CustomerCreated.examples;
    expect(validateClosed(changed(customer, ["data", "profile", "nickname"], "Al"))).toBeUndefined();
  });

  it("reads what older minors wrote, in both forms", () => {
    const files = readdirSync(schemas, { recursive: true, encoding: "utf8" }).filter((file) =>
      /history.*json$/.test(file),
    );
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) {
      const { version, examples } = JSON.parse(readFileSync(new URL(file, schemas), "utf8"));
      for (const example of examples as Envelope[]) {
        expect(example.version).toBe(version);
        expect(readEnvelope(example).ok).toBe(true);
        expect(validateClosed(example)).toBeUndefined();
      }
    }
  });

  it.each(contractsOfAllMajors.map((contract) => [contract.eventType, contract] as const))(
    "%s: refuses moments, integers and texts that some reader could not hold, in both forms, with their path",
    (_name, { envelopeSchema, examples }) => {
      const fields = fieldsOf(envelopeSchema);
      expect(fields.length).toBeGreaterThan(0);
      for (const { path, wrong } of fields) {
        const example = examples.find((one) => pathsOf(one).some((other) => isAt(other, path)));
        // `timestamp` is in every example; an optional field need not be.
        if (!example) continue;
        const place = pathsOf(example).find((other) => isAt(other, path))!;
        for (const value of wrong) {
          const envelope = changed(example, place, value);
          expect(Object.keys(validateClosed(envelope) ?? {})).toEqual([place.join(".")]);
          expect(readEnvelope(envelope)).toMatchObject({
            reason: "schema_invalid",
            fieldErrors: { [place.join(".")]: expect.any(String) },
          });
        }
      }
    },
  );

  it("asks of an integer what every reader can hold exactly, and nothing else than its document says of other values", () => {
    const [stock] = contracts.StockChanged.examples;
    for (const available of [-2_999_999_990, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 0]) {
      expect(validateClosed(changed(stock, ["data", "available"], available))).toBeUndefined();
    }
    const schema = {
      type: "object",
      properties: { at: { anyOf: [{ type: "integer", minimum: 3 }, { type: "string" }] } },
    };
    expect(asReadersHold(schema)).toEqual({
      type: "object",
      properties: {
        at: {
          anyOf: [
            { type: "integer", minimum: 3, maximum: Number.MAX_SAFE_INTEGER },
            { type: "string", pattern: expect.any(String) },
          ],
        },
      },
    });
    expect(JSON.stringify(contracts.StockChanged.envelopeSchema)).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  it("says the same as the registered schema does, whatever is changed in an envelope", () => {
    const registered = new Map(
      contractsOfAllMajors.map((contract) => [
        contract.eventType,
        {
          closed: compileValidator(asReadersHold(contract.envelopeSchema)),
          open: compileValidator(asReadersHold(contract.openEnvelopeSchema)),
        },
      ]),
    );
    const replacement = fc.oneof(
      fc.jsonValue(),
      fc.constant(undefined),
      fc.date({ noInvalidDate: true }).map((date) => date.toJSON()),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...contractsOfAllMajors),
        fc.nat(),
        fc.nat(),
        replacement,
        (contract, which, where, value) => {
          const example = contract.examples[which % contract.examples.length];
          // The event type stays: another one is another contract's business.
          const paths = pathsOf(example).filter(([first]) => first !== undefined && first !== "eventType");
          const envelope = changed(example, paths[where % paths.length] ?? [], value);
          const verdicts = registered.get(contract.eventType);
          const empty = (envelope as { data?: Record<string, unknown> }).data?.[contract.key] === "";
          expect(validateClosed(envelope) === undefined).toBe(verdicts?.closed(envelope) === undefined && !empty);
          expect(readEnvelope(envelope).ok).toBe(verdicts?.open(envelope) === undefined);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
