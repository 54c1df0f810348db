import { Malformed } from "../bytes/malformed.ts";
import type { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { type Field, type Fields, inRange, type Message, type Primitive, type ReadOf, type WriteOf } from "./schema.ts";

type Values = Record<string, unknown>;

/** How one type is read and written in one version. */
interface Plan {
  read(reader: Reader): unknown;
  write(writer: Writer, value: unknown): void;
}
interface Codec<Read, Write> {
  read(reader: Reader): Read;
  write(writer: Writer, value: Write): void;
}

const plans = new WeakMap<Message, Map<number, Plan>>();

/** The codec of one version of a message: compiled from the declaration when first asked for, then kept. */
export function codecOf<F extends Fields>(message: Message<F>, version: number): Codec<ReadOf<F>, WriteOf<F>> {
  const versions = plans.get(message) ?? new Map<number, Plan>();
  plans.set(message, versions);
  const plan = versions.get(version) ?? structPlan(message.fields, version, inRange(message.flexible, version));
  versions.set(version, plan);
  return plan as Codec<ReadOf<F>, WriteOf<F>>;
}

export const isFlexible = (message: Message, version: number): boolean => inRange(message.flexible, version);

function structPlan(fields: Fields, version: number, flexible: boolean): Plan {
  const absent: [string, Field][] = [];
  const plain: { name: string; field: Field; plan: Plan }[] = [];
  const tagged = new Map<number, { name: string; field: Field; plan: Plan }>();
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === "since" || !inRange(field.versions, version)) absent.push([name, field]);
    else {
      const entry = { name, field, plan: fieldPlan(field, version, flexible) };
      if (field.tag === undefined) plain.push(entry);
      else if (flexible) tagged.set(field.tag, entry);
      else absent.push([name, field]);
    }
  }
  const taggedInOrder = [...tagged].sort(([a], [b]) => a - b);

  return {
    read(reader) {
      const value: Values = {};
      for (const { name, plan } of plain) value[name] = plan.read(reader);
      for (const [name, field] of absent)
        value[name] = field.kind === "since" ? inRange(field.versions, version) : defaultOf(field);
      if (!flexible) return value;
      for (const { name, field } of tagged.values()) value[name] = defaultOf(field);
      for (let left = reader.uvarint(); left > 0; left--) {
        const known = tagged.get(reader.uvarint());
        const end = reader.uvarint();
        const before = reader.position;
        if (!known) reader.skip(end);
        else {
          value[known.name] = known.plan.read(reader);
          if (reader.position - before !== end) throw new Malformed(`tagged field ${known.name} of a wrong length`);
        }
      }
      return value;
    },
    write(writer, value) {
      const values = value as Values;
      for (const { name, field, plan } of plain) {
        const given = values[name];
        plan.write(writer, given === undefined ? defaultOf(field) : given);
      }
      if (!flexible) return;
      const present = taggedInOrder.filter(([, { name, field }]) => !isDefault(field, values[name]));
      writer.uvarint(present.length);
      for (const [tag, { name, plan }] of present) {
        const inner = new Writer(64);
        plan.write(inner, values[name]);
        writer.uvarint(tag);
        writer.uvarint(inner.length);
        for (const piece of inner.pieces()) writer.raw(piece);
      }
    },
  };
}

function fieldPlan(field: Field, version: number, flexible: boolean): Plan {
  const nullable = inRange(field.nullable, version);
  if (field.kind === "array") return arrayPlan(field, version, flexible, nullable);
  if (field.kind === "struct") {
    const plan = structPlan(field.fields ?? {}, version, flexible);
    return nullable ? nullableStructPlan(plan) : plan;
  }
  return primitivePlan(field.kind as Primitive, flexible, nullable);
}

function arrayPlan({ element, fields }: Field, version: number, flexible: boolean, nullable: boolean): Plan {
  const item = fields ? structPlan(fields, version, flexible) : primitivePlan(element as Primitive, flexible, false);
  return {
    read(reader) {
      const length = reader.arrayLength(flexible);
      if (length === null) {
        if (!nullable) throw new Malformed("a null array where there must be one");
        return null;
      }
      const items: unknown[] = [];
      for (let index = 0; index < length; index++) items.push(item.read(reader));
      return items;
    },
    write(writer, value) {
      const items = (value ?? (nullable ? null : [])) as unknown[] | null;
      writer.arrayLength(items === null ? null : items.length, flexible);
      for (const one of items ?? []) item.write(writer, one);
    },
  };
}

/** KIP-893: one byte, negative for null. */
const nullableStructPlan = (plan: Plan): Plan => ({
  read: (reader) => (reader.int8() < 0 ? null : plan.read(reader)),
  write(writer, value) {
    writer.int8(value === null ? -1 : 1);
    if (value !== null) plan.write(writer, value);
  },
});

function primitivePlan(kind: Primitive, flexible: boolean, nullable: boolean): Plan {
  switch (kind) {
    case "string":
    case "bytes":
    case "records": {
      const method = kind === "string" ? "string" : "bytes";
      return {
        read(reader) {
          const value = reader[method](flexible);
          if (value === null && !nullable) throw new Malformed(`null ${kind} where there must be some`);
          return value;
        },
        // Handlers answer null freely; a version that knows no null gets the empty value.
        write: (writer, value) =>
          writer[method as "string"]((value === null && !nullable ? zeroOf(kind) : value) as string | null, flexible),
      };
    }
    default:
      return {
        read: (reader) => reader[kind](),
        write: (writer, value) => (writer[kind] as (value: unknown) => void).call(writer, value),
      };
  }
}

const noUuid = "0".repeat(32);
const noBytes = Buffer.alloc(0);

function zeroOf(kind: Field["kind"]): unknown {
  switch (kind) {
    case "bool":
      return false;
    case "string":
      return "";
    case "uuid":
      return noUuid;
    case "bytes":
    case "records":
      return noBytes;
    default:
      return 0;
  }
}

/** What a field is where the version has none. */
export function defaultOf(field: Field): unknown {
  if (field.default !== undefined) return field.kind === "array" && field.default !== null ? [] : field.default;
  if (field.kind === "array") return [];
  if (field.kind === "struct")
    return Object.fromEntries(Object.entries(field.fields ?? {}).map(([name, inner]) => [name, defaultOf(inner)]));
  return zeroOf(field.kind);
}

function isDefault(field: Field, value: unknown): boolean {
  if (value === undefined) return true;
  if (field.kind === "array") return Array.isArray(value) && value.length === 0 && field.default !== null;
  if (field.kind === "struct")
    return Object.entries(field.fields ?? {}).every(([name, inner]) => isDefault(inner, (value as Values)[name]));
  return value === defaultOf(field);
}
