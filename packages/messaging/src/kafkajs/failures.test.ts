import { describe, expect, it } from "@jest/globals";
import { BrokerUnavailable } from "../errors.ts";
import { sendFailure, unavailable } from "./failures.ts";

const explain = (error: unknown) => (error as Error).message;
const thrownBy = (line: string) => {
  const error = new TypeError("Cannot read properties of undefined");
  error.stack = `TypeError: ${error.message}\n    at Buffer.byteLength (node:buffer:1:1)\n    at ${line}`;
  return error;
};
const wrapped = (cause: Error) => Object.assign(new Error("gave up"), { cause });

describe("a failure of a question to the cluster", () => {
  it("is an outage where the network or the cluster failed", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    expect(BrokerUnavailable.is(unavailable("topics", refused))).toBe(true);
    expect(BrokerUnavailable.is(sendFailure(refused, ["t"], explain))).toBe(true);
  });

  it("stays a bug, with its stack, where our own code threw a TypeError, also below what kafkajs wrapped", () => {
    const bug = thrownBy("encodeRecord (/app/packages/messaging/src/kafkajs/records-patch.ts:1:1)");
    for (const error of [bug, wrapped(bug)]) {
      expect(unavailable("topics", error)).toBe(bug);
      expect(sendFailure(error, ["t"], explain)).toBe(bug);
    }
  });

  it("is an outage where kafkajs itself threw one: its connections race with their ends", () => {
    const race = thrownBy("Connection.send (/app/node_modules/.pnpm/kafkajs@2.2.4/node_modules/kafkajs/src/x.js:1:1)");
    expect(BrokerUnavailable.is(unavailable("topics", race))).toBe(true);
  });
});
