import { describe, expect, it } from "@jest/globals";
import { kafkaAccess } from "./access.ts";

const sasl = { mechanism: "scram-sha-256", username: "weft", password: "hunter2" } as const;
const failure = (fields: object) =>
  Object.assign(new Error("gave up"), { cause: Object.assign(new Error("why"), fields) });

describe("a cluster that does not let us in", () => {
  it.each([
    [{ name: "KafkaJSSASLAuthenticationError" }, 'refuses user "weft" with SCRAM-SHA-256'],
    [{ type: "UNSUPPORTED_SASL_MECHANISM" }, "does not offer SCRAM-SHA-256"],
    [{ type: "TOPIC_AUTHORIZATION_FAILED" }, "give it the right"],
    [{ code: "CERT_HAS_EXPIRED" }, "certificate has expired"],
  ])("is told with what to do, and never with the password: %j", (fields, words) => {
    const access = kafkaAccess({ sasl });
    expect(access.explain(failure(fields))).toContain(words);
    expect(access.health()).toEqual({ status: "degraded", message: expect.stringContaining(words) });
    expect(JSON.stringify(access.health())).not.toContain("hunter2");
  });

  it("is forgotten with its next answer, and an outage is none of it", () => {
    const access = kafkaAccess({ sasl });
    access.explain(failure({ name: "KafkaJSSASLAuthenticationError" }));
    expect(access.explain(failure({ code: "ECONNREFUSED" }))).toBe("why");
    expect(access.health().status).toBe("degraded");
    access.admitted();
    expect(access.health()).toEqual({ status: "healthy" });
  });
});
