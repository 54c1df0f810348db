import { describe, expect, it } from "@jest/globals";
import { OptionsInvalid, option, takeOptions } from "./options.ts";

const rules = {
  timeoutMs: option.milliseconds(1000),
  idleMs: option.milliseconds(5, { from: 0 }),
  attempts: option.count(3, { to: 10 }),
  failureShare: option.share(0.6),
  isEdge: option.flag(false),
  mode: option.oneOf(["fast", "safe"], "safe"),
  name: option.text(/^[a-z]+$/, "must be lower-case letters"),
  owner: option.optional(option.text()),
};

describe("options of a factory", () => {
  it("takes a default for what is absent or undefined, and hands on what has no rule", () => {
    expect(takeOptions("it", rules, { name: "a", timeoutMs: undefined, other: 1 })).toEqual({
      timeoutMs: 1000,
      idleMs: 5,
      attempts: 3,
      failureShare: 0.6,
      isEdge: false,
      mode: "safe",
      name: "a",
      owner: undefined,
      other: 1,
    });
  });

  it("names every wrong field together, under one code", () => {
    const wrong = { timeoutMs: 3e9, idleMs: -1, attempts: 11, failureShare: 2, isEdge: 1, mode: "odd", owner: "" };
    const taking = () =>
      takeOptions("the thing", rules, wrong, (settings, problem) => {
        if (settings.attempts > 1) problem("failureShare", "is not looked at twice");
        problem("pair", "does not fit");
      });
    expect(taking).toThrow(OptionsInvalid);
    try {
      taking();
    } catch (error) {
      expect(error).toMatchObject({
        code: "OPTIONS_INVALID",
        details: {
          field_errors: {
            timeoutMs: "must be a whole number from 1 to 2147483647",
            idleMs: "must be a whole number from 0 to 2147483647",
            attempts: "must be a whole number from 1 to 10",
            failureShare: "must be a number from 0 to 1",
            isEdge: "must be true or false",
            mode: "must be one of fast, safe",
            name: "must be lower-case letters",
            owner: "must not be empty",
            pair: "does not fit",
          },
        },
      });
    }
  });

  it("refuses null, NaN and fractions as numbers", () => {
    for (const timeoutMs of [null, Number.NaN, 1.5, "1", Number.POSITIVE_INFINITY]) {
      expect(() => takeOptions("it", { timeoutMs: rules.timeoutMs }, { timeoutMs })).toThrow(OptionsInvalid);
    }
  });
});
