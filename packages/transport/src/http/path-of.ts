import { RequestNotSendable } from "../errors/not-sent.ts";

/**
 * A path with values in it, each percent-encoded: pathOf`/v1/customers/${customerId}`.
 * @throws RequestNotSendable for a value that no part of a path can be: an empty one, `.` and `..` (which mean other paths),
 * half a character
 */
export function pathOf(fixed: TemplateStringsArray, ...values: (string | number)[]): string {
  return fixed.reduce((path, part, index) => path + encoded(values[index - 1]!, path) + part);
}

function encoded(value: string | number, before: string): string {
  const text = String(value);
  const refuse = (reason: string) => new RequestNotSendable({ what: `a path below ${before}`, reason });
  if (text === "" || text === "." || text === "..") throw refuse(`a part of it is ${JSON.stringify(text)}`);
  if (!text.isWellFormed()) throw refuse("a part of it has half a character");
  return encodeURIComponent(text);
}
