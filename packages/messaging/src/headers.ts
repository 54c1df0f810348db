/**
 * One header of a record. Kafka's headers are a list: a name may come several times, and the order is part of the record.
 * The value of one that was sent without is null.
 */
export type RecordHeader<Value = Buffer | null> = readonly [name: string, value: Value];

/** What a sender may give: the list, or an object where no name comes twice. */
export type OutgoingHeaders =
  | readonly RecordHeader<string | Buffer | null>[]
  | Readonly<Record<string, string | Buffer | null>>;

/** The list of what a sender gave. */
export function headerList(headers: OutgoingHeaders): readonly RecordHeader<string | Buffer | null>[] {
  return isList(headers) ? headers : Object.entries(headers);
}

const isList = (headers: OutgoingHeaders): headers is readonly RecordHeader<string | Buffer | null>[] =>
  Array.isArray(headers);

/** Every value of a name, in order; of those without one an empty text. */
export function headerTexts(headers: readonly RecordHeader[], name: string): string[] {
  return headers.filter(([given]) => given === name).map(([, value]) => value?.toString("utf8") ?? "");
}

/** The last value of a name, which is the one that counts (`lastHeader` of the Java client). */
export function lastHeader(headers: OutgoingHeaders, name: string): string | undefined {
  return headerList(headers)
    .findLast(([given]) => given === name)?.[1]
    ?.toString("utf8");
}

/** For people and JSON: a text for each name, a list of texts in order for one that comes several times. */
export function headersAsTexts(headers: readonly RecordHeader[]): Record<string, string | string[]> {
  const names = new Set(headers.map(([name]) => name));
  return Object.fromEntries(
    [...names].map((name) => {
      const texts = headerTexts(headers, name);
      return [name, texts.length === 1 ? texts[0]! : texts];
    }),
  );
}
