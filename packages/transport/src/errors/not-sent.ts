import { defineError, maxTimerMs } from "@weft/core";

/** A request that cannot be made of what its caller gave, such as a path with a blank. It was not sent, and never will be. */
export const RequestNotSendable = defineError<{ what: string; reason: string }>({
  code: "REQUEST_NOT_SENDABLE",
  kind: "invalid",
  message: ({ what, reason }) => `${what} cannot be sent: ${reason}`,
});

/** The program gave a body or message that has no form on the wire, such as a BigInt in JSON. */
export const RequestNotEncodable = defineError<{ service: string }>({
  code: "REQUEST_NOT_ENCODABLE",
  kind: "bug",
  message: ({ service }) => `a request to ${service} cannot be sent: its body cannot be encoded`,
});

/** @throws RequestNotSendable for a bound that is no time: an attempt would end at once, and be charged to the instance */
export function assertBound(what: string, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (timeoutMs >= 0 && timeoutMs <= maxTimerMs)) return;
  throw new RequestNotSendable({ what, reason: `timeoutMs must be from 0 to ${maxTimerMs}, not ${timeoutMs}` });
}

/** Whether a request failed on this side, before anybody was asked: that is no answer of the other service. */
export const isNotSent = (error: unknown): boolean => RequestNotSendable.is(error) || RequestNotEncodable.is(error);
