import { describe, expect, it } from "@jest/globals";
import { type ErrorKind, errorKinds, kindOfGrpc, kindOfHttp } from "./error-kinds.ts";

const kinds = Object.entries(errorKinds) as [ErrorKind, (typeof errorKinds)[ErrorKind]][];

describe("table of error kinds", () => {
  it.each(kinds.filter(([kind]) => kind !== "bug" && kind !== "exists"))(
    "%s comes back from HTTP and gRPC as the same kind",
    (kind, { http, grpc, code, details }) => {
      expect([kindOfHttp(http, { code, details }), kindOfGrpc(grpc, { code, details })]).toEqual([kind, kind]);
    },
  );

  it("reads INTERNAL_ERROR of another service as internal: only the service itself knows that it is a bug", () => {
    expect([kindOfHttp(500, errorKinds.bug), kindOfGrpc("INTERNAL", errorKinds.bug)]).toEqual(["internal", "internal"]);
  });

  it("lets no failure of the caller pass, be repeated or speak against an instance", () => {
    for (const [kind, { http, mayPass, again, speaksAgainst }] of kinds) {
      if (http >= 500 || [409, 421, 429].includes(http)) continue;
      expect([kind, mayPass, again, speaksAgainst]).toEqual([kind, false, "never", "nobody"]);
    }
  });

  it("speaks against nobody where all instances share what is away", () => {
    expect(errorKinds.resource).toMatchObject({ mayPass: true, speaksAgainst: "nobody", http: 503 });
    expect(errorKinds.dependency).toMatchObject({ mayPass: true, again: "never", speaksAgainst: "nobody" });
    expect(errorKinds.unavailable.speaksAgainst).toBe("instance");
  });
});
