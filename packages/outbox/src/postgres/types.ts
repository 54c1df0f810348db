import pg from "pg";

// pg would write a Date as local time with an offset of whole minutes, which is wrong by seconds where a zone kept its own
// mean time: 1800-06-01T00:00:00Z would be 00:17:30+00:17 in Amsterdam.
pg.defaults.parseInputDatesAsUTC = true;

const int8 = 20;
const numeric = 1700;

/**
 * How values arrive: `numeric` as number (amounts have two decimals, far within what a double holds exactly), `int8` as
 * number where that is exact and as bigint otherwise, `timestamptz` as Date, everything else as `pg` has it.
 */
export const typeParsers = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (format === "binary") return pg.types.getTypeParser(oid, "binary");
    if (oid === numeric) return Number;
    if (oid === int8) return parseInteger;
    return pg.types.getTypeParser(oid, "text");
  },
} as pg.CustomTypesConfig;

function parseInteger(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
