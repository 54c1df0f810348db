import { beforeEach, describe, expect, it } from "@jest/globals";
import type { HttpRequest } from "../../http/server.ts";
import { type Acl, type AclSnapshot, acl } from "./acl.ts";

describe("access control of the embedded Consul", () => {
  const management = "managing-secret";
  let access: Acl;
  let written: AclSnapshot | undefined;
  let isFull: boolean;
  const asking = (secret: string) =>
    access.permissionsOf({
      headers: { "x-consul-token": secret },
      query: new URLSearchParams(),
    } as unknown as HttpRequest);

  beforeEach(() => {
    isFull = false;
    let index = 10;
    access = acl(
      {
        nextIndex: () => ++index,
        save(snapshot) {
          if (isFull) throw new Error("no space left");
          written = structuredClone(snapshot);
        },
      },
      { initialManagementToken: management },
    );
    access.putPolicy({ name: "reader", rules: 'key_prefix "" { policy = "read" }' });
    access.putToken({ secretid: "its-secret", accessorid: "its-id", policies: [{ Name: "reader" }] });
  });

  it.each<[string, () => unknown]>([
    ["a new policy", () => access.putPolicy({ name: "other", rules: "" })],
    [
      "a policy's rules",
      () => access.putPolicy({ rules: 'key_prefix "" { policy = "write" }' }, access.policy("reader")?.id),
    ],
    ["a policy that goes", () => access.removePolicy(access.policy("reader")?.id ?? "")],
    ["a new token", () => access.putToken({ secretid: "another", policies: [{ ID: access.policy("reader")?.id }] })],
    ["a token's policies", () => access.putToken({ policies: [] }, "its-id")],
    ["a token that goes", () => access.removeToken("its-id")],
  ])("leaves everything as it was where %s cannot be written", (_, change) => {
    const state = () => structuredClone([access.policies(), access.tokens(), written]);
    const before = state();
    isFull = true;
    expect(change).toThrow("no space left");
    expect(state()).toEqual(before);
    expect([asking("its-secret").may("key", "a", "read"), asking("its-secret").may("key", "a", "write")]).toEqual([
      true,
      false,
    ]);
    isFull = false;
    change();
    expect(state()).not.toEqual(before);
    expect([written?.policies.length, written?.tokens]).toEqual([access.policies().length - 1, access.tokens()]);
  });

  it("takes a policy that goes from the tokens that have it", () => {
    access.removePolicy(access.policy("reader")?.id ?? "");
    expect(access.token("its-id")?.policyIds).toEqual([]);
    expect(asking("its-secret").may("key", "a", "read")).toBe(false);
  });
});
