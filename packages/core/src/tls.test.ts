import { describe, expect, it } from "@jest/globals";
import { tlsFailureOf } from "./tls.ts";

describe("a failed TLS handshake", () => {
  it.each([
    [Object.assign(new Error("x"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" }), "another host"],
    [new Error("Connection error: certificate has expired"), "has expired"],
    [new Error("gave up", { cause: Object.assign(new Error("x"), { code: "SELF_SIGNED_CERT_IN_CHAIN" }) }), "ca_file"],
    [Object.assign(new Error("x"), { errors: [new Error("unable to verify the first certificate")] }), "ca_file"],
    [new Error("tlsv13 alert certificate required:SSL alert number 116"), "cert_file"],
    [Object.assign(new Error("x"), { code: "ERR_SSL_WRONG_VERSION_NUMBER" }), "does not speak TLS"],
    [new Error("The server does not support SSL connections"), "does not offer TLS"],
  ])("says what to do: %s", (error, words) => expect(tlsFailureOf(error)).toContain(words));

  it("is not seen in other failures", () => {
    const circle = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    circle.cause = circle;
    for (const error of [circle, undefined, null, 5, "timeout"]) expect(tlsFailureOf(error)).toBeUndefined();
  });
});
