import { describe, expect, it } from "@jest/globals";
import { contextFields, idPattern, newContext, writeContext } from "@weft/core";
import { apiPath } from "./api-path.ts";
import { isSubject, userIdOf } from "./subject.ts";

describe("the id of a token's subject", () => {
  it.each([
    ["cust_1", "cust_1"],
    ["a.b:c-d", "a.b:c-d"],
    ["auth0|5f7c8e", "sub:auth0_7c5f7c8e"],
    ["ada@example.com", "sub:ada_40example.com"],
    ["https://id.example.com/u/1", "sub:https_3a_2f_2fid.example.com_2fu_2f1"],
    [".", "sub:."],
    ["..", "sub:.."],
    ["sub:auth0_7c5f7c8e", "sub:sub_3aauth0_5f7c5f7c8e"],
    ["c".repeat(65), "sub::swhV5RBEasNHBsWsr-7e_VEi_pRGs_gS2xHhrDtNDPI"],
  ])("of %s is %s", (subject, id) => expect(userIdOf(subject)).toBe(id));

  const subjects = [
    ...[
      "auth0|1",
      "auth0_7c1",
      "sub:auth0_7c1",
      "sub::auth0_7c1",
      "auth0:7c1",
      "a b".replace(" ", "+"),
      "a_2bb",
      "sub:",
    ],
    ...[
      "x".repeat(64),
      "x".repeat(65),
      "|".repeat(20),
      "|".repeat(21),
      "|".repeat(255),
      ".",
      "..",
      "sub:.",
      "%7c",
      "~",
    ],
  ];

  it("is no other subject's, also where that one looks like it", () => {
    const all = [...subjects, ...subjects.map(userIdOf), ...subjects.map(userIdOf).map(userIdOf)];
    expect(new Set([...new Set(all)].map(userIdOf)).size).toBe(new Set(all).size);
  });

  it.each(subjects)("is an id everywhere: of a customer, in a path, in the call context: %s", (subject) => {
    const id = userIdOf(subject);
    expect(isSubject(subject)).toBe(true);
    expect(id).toMatch(new RegExp(idPattern));
    expect(apiPath(`/api/v1/customers/${id}`).decoded.at(-1)).toBe(id);
    const user = { id, role: "customer" };
    const [userId] = contextFields.user.http;
    expect(writeContext("http", newContext({ user }))[userId]).toBe(id);
  });

  it.each(["", "a b", "a\tb", "a\r\nb", "cu\u0455t_1", "c".repeat(256), 5, null])("is none for %j", (sub) => {
    expect(isSubject(sub)).toBe(false);
  });
});
