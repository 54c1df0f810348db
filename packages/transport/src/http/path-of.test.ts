import { describe, expect, it } from "@jest/globals";
import { mayPass } from "@weft/core";
import fc from "fast-check";
import { isNotSent } from "../errors/not-sent.ts";
import { pathOf } from "./path-of.ts";
import { assertSendable } from "./sendable.ts";

const refusal = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("a path with values", () => {
  it("has each value as one part, encoded, so that it can be sent and reads back as itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (id) => {
        fc.pre(id !== "." && id !== ".." && id.isWellFormed());
        const path = pathOf`/v1/things/${id}/price`;
        assertSendable({ service: "thing-service", method: "GET", path, headers: {} });
        expect(path.split("/").map(decodeURIComponent)).toEqual(["", "v1", "things", id, "price"]);
      }),
    );
  });

  it.each(["", ".", "..", "\ud800"])("is refused for the value %j, and no repetition makes it pass", (id) => {
    const error = refusal(() => pathOf`/v1/things/${id}`);
    expect(error).toMatchObject({ code: "REQUEST_NOT_SENDABLE", kind: "invalid" });
    expect([isNotSent(error), mayPass(error)]).toEqual([true, false]);
  });
});
