import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { contracts, type Envelope, type EventContract, type EventType, eventTypes, keyOf } from "@weft/contracts";
import { eventually } from "@weft/testkit";
import { envelope, type MeshFixture, type SeenRecord, unique } from "../http/mesh-fixture.ts";

type Schema = Record<string, unknown> & {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
};

interface Reader {
  service: string;
  database: string;
  reads: string[];
}

/** One value of one field, as far out as the contract lets it be. */
interface Extreme {
  path: string;
  value: unknown;
  data: Record<string, unknown>;
}

/** Longer than an index of PostgreSQL takes (2,704 bytes), and not to be compressed below that. */
const longText = randomBytes(3000).toString("hex");

/**
 * Every field that some service reads of an event, at the ends of the range that the contract gives it. What is read, and
 * the ranges, come from the services' own descriptions and from the schemas, so that a new field or a narrower column is
 * met here by itself.
 */
export function rangeTests(mesh: MeshFixture) {
  const readersOf = new Map<string, Reader[]>();
  beforeAll(async () => {
    for (const { name: service, http, database } of mesh.mesh.runtime().services) {
      const response = await fetch(`${http}/openapi.json`);
      const events = (
        (await response.json()) as { "x-weft-events"?: { subscribes: { type: string; reads: string[] }[] } }
      )["x-weft-events"];
      for (const { type, reads } of events?.subscribes ?? []) {
        readersOf.set(type, [...(readersOf.get(type) ?? []), { service, database: database!, reads }]);
      }
    }
  });

  /** The dead letter of each reader, by the id of the event; nothing for one that had its effect. */
  async function outcomes(reader: Reader, ids: string[]): Promise<Map<string, SeenRecord>> {
    return eventually(
      `${reader.service} is done with ${ids.length} events`,
      async () => {
        const letters = new Map(
          mesh
            .records(
              ({ topic, headers }) => topic === `${reader.service}.dlq` && ids.includes(headers["event-id"] ?? ""),
            )
            .map((record) => [record.headers["event-id"]!, record] as const),
        );
        const rows = await mesh.rows<{ event_id: string }>(
          reader.database,
          "SELECT event_id FROM weft.inbox_effects WHERE event_id = any ($1)",
          [ids],
        );
        return letters.size + rows.length >= ids.length && letters;
      },
      { timeoutMs: 30_000 },
    );
  }

  describe("a field at the ends of its range", () => {
    it.each(eventTypes)(
      "of %s is kept by each reader, or its event is put aside at once",
      async (type) => {
        const readers = readersOf.get(type) ?? [];
        const reads = [...new Set(readers.flatMap((reader) => reader.reads))];
        const sent = extremesOf(contracts[type], reads).map(({ path, value, data }) => ({
          path,
          value,
          event: envelope(type, data as never),
        }));
        if (readers.length === 0) return;
        expect(sent.length).toBeGreaterThanOrEqual(reads.length);
        for (const { event } of sent) await mesh.send(event);
        let aside = 0;
        const ids = sent.map(({ event }) => event.eventId);
        for (const reader of readers) {
          const letters = await outcomes(reader, ids);
          aside += letters.size;
          for (const { path, value, event } of sent) {
            const letter = letters.get(event.eventId);
            if (!letter) continue;
            const shown = `${reader.service}: ${path} = ${JSON.stringify(value)?.slice(0, 40)}: ${letter.headers["dlq-error"]}`;
            // Never tried again, and only where the reader itself says why, or where no index takes so long a text.
            expect({ shown, attempts: letter.headers["dlq-attempts"] }).toEqual({ shown, attempts: "1" });
            expect(shown).toMatch(
              String(value).endsWith(longText) ? /index row size|EVENT_REJECTED/ : /EVENT_REJECTED/,
            );
          }
        }
        const kept = ids.length * readers.length - aside;
        process.stdout.write(
          `${type}: ${ids.length} events at the ends of ${reads.length} fields for ${readers.length} readers: ` +
            `${kept} effects, ${aside} put aside at once, 0 tried again\n`,
        );
      },
      90_000,
    );
  });
}

function extremesOf({ examples, envelopeSchema, key }: EventContract, reads: string[]): Extreme[] {
  const schema = (envelopeSchema as { properties: { data: Schema } }).properties.data;
  return reads.flatMap((path) =>
    fieldsBelow(schema, path.split(".")).flatMap(([parts, field]) =>
      valuesOf(field, parts.join(".") === key).map((value) => {
        const data = fresh(examples[0]!, key);
        return { path: parts.join("."), value, data: place(data, parts, value) };
      }),
    ),
  );
}

/** An example that is about things of its own, so that no other test meets them. */
function fresh(example: Envelope<EventType>, key: string): Record<string, unknown> {
  const data = structuredClone(example.data) as unknown as Record<string, unknown>;
  for (const name of Object.keys(data)) if (/Id$/.test(name)) data[name] = unique(name);
  if (!(key in data)) throw new Error(`${keyOf(example)} has no ${key}`);
  // On no product's page, whatever its rules become.
  if ("rules" in data)
    Object.assign(data, { rules: { conditions: { productIds: [unique("prod")] } }, status: "inactive" });
  return data;
}

/** The field itself, or every one below it where it is an object or a list that is read whole. `*` is the place in a list. */
function fieldsBelow(schema: Schema, path: string[], walked: string[] = []): [string[], Schema][] {
  if (schema.items && !(path.length === 0 && schema.items.type !== "object")) {
    return fieldsBelow(schema.items, path, [...walked, "*"]);
  }
  const [name, ...rest] = path;
  if (name !== undefined) {
    const next = schema.properties?.[name];
    if (!next) return [[[...walked, name], {}]];
    return fieldsBelow(next, rest, [...walked, name]);
  }
  if (!schema.properties) return [[walked, schema]];
  return Object.entries(schema.properties).flatMap(([inner, field]) => fieldsBelow(field, [], [...walked, inner]));
}

function valuesOf(field: Schema, isKey: boolean): unknown[] {
  const { minimum, maximum } = field as { minimum?: number; maximum?: number };
  if (Array.isArray(field.enum)) return field.enum;
  switch (field.type) {
    case "integer":
      return [minimum ?? Number.MIN_SAFE_INTEGER, maximum ?? Number.MAX_SAFE_INTEGER];
    case "number":
      return [minimum ?? -Number.MAX_VALUE, maximum ?? Number.MAX_VALUE, Number.MIN_VALUE, 0.005];
    case "boolean":
      return [true, false];
    case "array":
      return [[], Array.from({ length: 1000 }, () => unique("item")), [longText]];
    case "string":
      if (field.format === "date-time") {
        return [
          "0001-01-01T00:00:00Z",
          "0001-01-02T00:00:00+23:59",
          "9999-12-31T23:59:59.9999999Z",
          "2026-03-02t09:30:00z",
        ];
      }
      return [
        ...(isKey || field.minLength ? [] : [""]),
        isKey ? unique("key") + longText : longText,
        "\u202E \n\u0001",
      ];
    default:
      // Whatever somebody wants to keep.
      return [{}, { "\u0000": "\u0000", deep: [[[{ text: longText }]]] }];
  }
}

/** Puts the value in its place; lists on the way have one item. */
function place(data: Record<string, unknown>, path: string[], value: unknown): Record<string, unknown> {
  let part: Record<string, unknown> | unknown[] = data;
  for (const [index, name] of path.entries()) {
    const isLast = index === path.length - 1;
    const key = name === "*" ? 0 : name;
    const container = part as Record<string | number, unknown>;
    if (isLast) container[key] = value;
    else {
      const before = container[key];
      const next = path[index + 1] === "*" ? (Array.isArray(before) ? before : [{}]) : { ...(before as object) };
      container[key] = next;
      part = next as Record<string, unknown>;
    }
  }
  return data;
}
