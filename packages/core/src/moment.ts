const pattern = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-](\d{2}):(\d{2}))$/;

/** The years 1 to 9999 of UTC: what JavaScript, PostgreSQL and RFC 3339 can all write. */
const first = Date.parse("0001-01-01T00:00:00.000Z");
const last = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * The instant that a date-time of RFC 3339 names. `t` and `z` may be lower case, any number of decimals may follow the
 * seconds (those after the third are dropped), and an offset is at most 23:59. Not taken, as some reader has no instant
 * for it: a leap second (`23:59:60`), the hour 24, a blank instead of `T`, an offset without its colon, a day that its
 * month does not have, and what lies outside the years 1 to 9999 once it is in UTC.
 * @returns undefined for any other text
 */
export function momentOf(text: string): Date | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offsetHours = 0, offsetMinutes = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const instant = Date.parse(text.toUpperCase());
  return instant >= first && instant <= last ? new Date(instant) : undefined;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
