import { describe, expect, it } from "@jest/globals";
import { router } from "./router.ts";

const find = router({
  "GET /v1/kv/{key*}": "read",
  "PUT /v1/kv/{key*}": "write",
  "GET /v1/service/{id}": "service",
  "GET /": "root",
});

describe("router", () => {
  it("finds a route and its parameters, decoded", () => {
    expect(find("GET", "/v1/service/a%20b")).toEqual({ kind: "found", handler: "service", params: { id: "a b" } });
    expect(find("GET", "/")).toMatchObject({ handler: "root" });
  });
  it("gives the rest of a path to a trailing parameter, empty included", () => {
    expect(find("PUT", "/v1/kv/a/b/")).toMatchObject({ handler: "write", params: { key: "a/b/" } });
    expect(find("GET", "/v1/kv/")).toMatchObject({ handler: "read", params: { key: "" } });
  });
  it("tells an unknown path from a wrong method and from a broken escape", () => {
    expect(find("GET", "/v1/nothing")).toEqual({ kind: "not-found" });
    expect(find("GET", "/v1/service/")).toEqual({ kind: "not-found" });
    expect(find("DELETE", "/v1/kv/a")).toEqual({ kind: "method-not-allowed", allow: ["GET", "PUT"] });
    expect(find("GET", "/v1/service/%zz")).toEqual({ kind: "bad-path" });
  });
  it("answers HEAD where it answers GET", () => {
    expect(find("HEAD", "/v1/service/a")).toMatchObject({ handler: "service" });
  });
});
