import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { momentOf } from "./moment.ts";

describe("momentOf", () => {
  it.each([
    ["2026-03-02T09:30:00Z", "2026-03-02T09:30:00.000Z"],
    ["2026-03-02t09:30:00z", "2026-03-02T09:30:00.000Z"],
    ["2026-03-02T09:30:00.5+02:00", "2026-03-02T07:30:00.500Z"],
    ["2026-03-02T09:30:00.123456789-23:59", "2026-03-03T09:29:00.123Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["0000-12-31T23:00:00-01:00", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
    ["9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads %s as %s", (text, instant) => {
    expect(momentOf(text)?.toISOString()).toBe(instant);
  });

  it.each([
    ["the year 0 once it is in UTC", "0001-01-01T00:00:00+01:00"],
    ["the year 0", "0000-06-01T00:00:00Z"],
    ["the year 10000 once it is in UTC", "9999-12-31T23:30:00-01:00"],
    ["a leap second", "2016-12-31T23:59:60Z"],
    ["the hour 24", "2026-03-02T24:00:00Z"],
    ["the hour 24 with an offset, which ajv-formats 3.0.1 takes", "2026-03-02T24:59:59+01:00"],
    ["a blank instead of T", "2026-03-02 09:30:00Z"],
    ["a line break instead of T", "2026-03-02\n09:30:00Z"],
    ["a line break at the end", "2026-03-02T09:30:00Z\n"],
    ["no offset", "2026-03-02T09:30:00"],
    ["an offset without its colon", "2026-03-02T09:30:00+0100"],
    ["an offset of hours alone", "2026-03-02T09:30:00+01"],
    ["an offset of a day", "2026-03-02T09:30:00+24:00"],
    ["an offset of sixty minutes", "2026-03-02T09:30:00+01:60"],
    ["no seconds", "2026-03-02T09:30Z"],
    ["a day that February does not have", "2026-02-29T09:30:00Z"],
    ["a day that a century's February does not have", "1900-02-29T09:30:00Z"],
    ["a day that April does not have", "2026-04-31T09:30:00Z"],
    ["the month 13", "2026-13-01T09:30:00Z"],
    ["a year of five digits", "12026-03-02T09:30:00Z"],
    ["digits of another script", "２０26-03-02T09:30:00Z"],
    ["a word", "tomorrow"],
    ["nothing", ""],
  ])("refuses %s", (_what, text) => {
    expect(momentOf(text)).toBeUndefined();
  });

  it("reads every instant of the years 1 to 9999 from what toISOString writes", () => {
    const years = { min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z") };
    fc.assert(
      fc.property(fc.date({ ...years, noInvalidDate: true }), (date) => {
        expect(momentOf(date.toISOString())).toEqual(date);
      }),
    );
  });
});
