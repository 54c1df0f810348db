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
    ["an integer that no column holds", coded("22003"), "poison"],
    ["a moment that PostgreSQL does not have", coded("22008"), "poison"],
    ["a text with NUL", coded("22021"), "poison"],
    ["a text that no index takes", coded("54000"), "poison"],
    ["a null where there must be a value", coded("23502"), "poison"],
    ["a broken check", coded("23514"), "poison"],
    ["a value that fits no column, wrapped", new Error("could not save", { cause: coded("22P02") }), "poison"],
    ["a request that no client can send", coded("UND_ERR_INVALID_ARG"), "poison"],
    ["a key that somebody inserted at the same moment", coded("23505"), "failure"],
    ["a row that is not there yet", coded("23503"), "failure"],
    ["a period that somebody took at the same moment", coded("23P01"), "failure"],
    ["a wrapped lost race", new Error("could not save", { cause: coded("23505") }), "failure"],
    ["a broken rule because of a taken key", new Conflict({ message: "no" }, { cause: coded("23505") }), "failure"],
    ["a full disk", coded("53100"), "transient"],
    ["a programming error", new TypeError("x is not a function"), "failure"],
    ["something that is no error", "text", "failure"],
    ["poison", new Poison({ message: "never" }), "poison"],
  ])("%s", (_, error, kind) => expect(failureKindOf(error)).toBe(kind));
});
