import { describe, expect, it } from "@jest/globals";
import { Conflict, DependencyFailed, NotFound, Timeout } from "@weft/core";
import { BrokerUnavailable, Poison } from "./errors.ts";
import { failureKindOf } from "./failures.ts";

const coded = (code: string, message = "x") => Object.assign(new Error(message), { code });

describe("a handler's failure", () => {
  it.each([
    ["a timeout", new Timeout({ operation: "x" }), "transient"],
    [
      "a dependency that is away",
      new DependencyFailed({ service: "a", operation: "b", cause: "connect" }),
      "transient",
    ],
    ["the broker away", new BrokerUnavailable({ operation: "send" }), "transient"],
    ["a refused connection", coded("ECONNREFUSED"), "transient"],
    ["a deadlock", coded("40P01"), "transient"],
    ["a server that shuts down", coded("57P01"), "transient"],
    ["a pool without connections", new Error("timeout exceeded when trying to connect"), "transient"],
    ["a wrapped connection error", new Error("could not save", { cause: coded("ECONNRESET") }), "transient"],
    ["a broken rule", new Conflict({ message: "no" }), "failure"],
    ["something not found", new NotFound({ what: "it" }), "failure"],
    ["a unique violation", coded("23505"), "failure"],
    ["a programming error", new TypeError("x is not a function"), "failure"],
    ["something that is no error", "text", "failure"],
    ["poison", new Poison({ message: "never" }), "poison"],
  ])("%s", (_, error, kind) => expect(failureKindOf(error)).toBe(kind));
});
