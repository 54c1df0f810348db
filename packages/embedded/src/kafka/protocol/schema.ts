/**
 * The words in which messages are declared: fields with version ranges, nullability, defaults and tags, as Apache Kafka's
 * own message definitions have them (clients/src/main/resources/common/message, KIP-482). A declaration is data: `codec.ts`
 * reads and writes every version from it, and the types of requests and responses are derived from it.
 *
 * Ranges: "0+" from the oldest version that this broker takes, "3+", "1-5", "4".
 */
interface Primitives {
  bool: boolean;
  int8: number;
  int16: number;
  int32: number;
  int64: number;
  string: string;
  uuid: string;
  bytes: Buffer;
  records: Buffer;
}
export type Primitive = keyof Primitives;

export interface Field<Read = unknown, Write = unknown, Optional extends boolean = boolean> {
  /** `since` has no bytes: it tells the handler whether the client's version has a capability. */
  readonly kind: Primitive | "array" | "struct" | "since";
  readonly versions: string;
  /** Element type of an array of primitives. */
  readonly element?: Primitive;
  readonly fields?: Fields;
  readonly nullable?: string;
  readonly default?: unknown;
  /** A tagged field: left out when it has its default; flexible versions only. */
  readonly tag?: number;
  /** Only for the type checker. */
  readonly types?: { read: Read; write: Write; optional: Optional };
}
export type Fields = { readonly [name: string]: Field };

export interface Message<F extends Fields = Fields> {
  /** Versions with compact lengths and tagged fields. */
  readonly flexible: string;
  readonly fields: F;
}

/** A message as handlers see it: every field there, defaults filled in. */
export type ReadOf<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer R, infer _W, infer _O> ? R : never };
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer _R, infer _W, infer O> ? (true extends O ? K : never) : never;
}[keyof F];
/** A message as it is built: what has a default, or is not in every version, may be left out. */
export type WriteOf<F extends Fields> = {
  [K in Exclude<keyof F, OptionalKeys<F>>]: F[K] extends Field<infer _R, infer W, infer _O> ? W : never;
} & { [K in OptionalKeys<F>]?: F[K] extends Field<infer _R, infer W, infer _O> ? W : never };

interface FieldOptions {
  nullable?: string;
  default?: unknown;
  tag?: number;
}
type OrNull<T, O> = O extends { nullable: string } ? T | null : T;
type IsOptional<V, O> = O extends { default: unknown } ? true : V extends "0+" ? false : true;

const primitive =
  <P extends Primitive>(kind: P) =>
  <const V extends string = "0+", const O extends FieldOptions = Record<never, never>>(
    versions?: V,
    options?: O,
  ): Field<OrNull<Primitives[P], O>, OrNull<Primitives[P], O>, IsOptional<V, O>> => ({
    kind,
    versions: versions ?? "0+",
    ...options,
  });

export const bool = primitive("bool");
export const int8 = primitive("int8");
export const int16 = primitive("int16");
export const int32 = primitive("int32");
export const int64 = primitive("int64");
export const string = primitive("string");
export const uuid = primitive("uuid");
export const bytes = primitive("bytes");
/** Record batches: bytes that the broker stores and serves as they are. */
export const records = primitive("records");

/** Array of primitives. */
export const list = <const V extends string, P extends Primitive, const O extends FieldOptions = Record<never, never>>(
  versions: V,
  element: P,
  options?: O,
): Field<OrNull<Primitives[P][], O>, OrNull<Primitives[P][], O>, IsOptional<V, O>> => ({
  kind: "array",
  versions,
  element,
  ...options,
});

/** Array of structures. */
export const array = <const V extends string, F extends Fields, const O extends FieldOptions = Record<never, never>>(
  versions: V,
  fields: F,
  options?: O,
): Field<OrNull<ReadOf<F>[], O>, OrNull<WriteOf<F>[], O>, IsOptional<V, O>> => ({
  kind: "array",
  versions,
  fields,
  ...options,
});

export const struct = <const V extends string, F extends Fields, const O extends FieldOptions = Record<never, never>>(
  versions: V,
  fields: F,
  options?: O,
): Field<OrNull<ReadOf<F>, O>, OrNull<WriteOf<F>, O>, true> => ({ kind: "struct", versions, fields, ...options });

/** True where the client speaks one of these versions. */
export const since = (versions: string): Field<boolean, boolean, true> => ({ kind: "since", versions });

export const message = <F extends Fields>(options: { flexible: string }, fields: F): Message<F> => ({
  flexible: options.flexible,
  fields,
});

export function inRange(range: string | undefined, version: number): boolean {
  if (range === undefined || range === "none") return false;
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(range);
  if (!match) throw new Error(`a version range cannot be ${range}`);
  const from = Number(match[1]);
  return version >= from && (match[2] !== undefined || version <= Number(match[3] ?? from));
}
