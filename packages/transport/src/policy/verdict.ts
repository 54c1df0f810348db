import { type ErrorKind, errorKinds } from "@weft/core";
import type { Verdict } from "./attempt.ts";

/** What an answer of this kind says about its instance, and whether asking again makes sense, whatever the protocol. */
export function verdictOfKind(kind: ErrorKind, afterMs: number | undefined): Verdict {
  const { again, speaksAgainst } = errorKinds[kind];
  return {
    instance: speaksAgainst === "instance" ? "bad" : "neutral",
    again,
    ...(afterMs === undefined || again === "never" ? {} : { afterMs }),
    ...(kind === "timeout" ? { isTimeout: true } : {}),
  };
}

/** Whether the error blames the request: it comes back as itself, everywhere else it is a failed dependency. */
export function isTheCallersFault(kind: ErrorKind): boolean {
  const { http } = errorKinds[kind];
  return http < 500 && http !== errorKinds.misdirected.http;
}

/** Of Node's system errors: what this machine has none of any more, so that no connection to anybody comes about. */
const exhausted = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL", "EADDRINUSE"]);

/** No connection was made for want of something on this side: it says nothing about the other. */
export function isExhaustedHere(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && exhausted.has(code);
}
