import { expect, it } from "@jest/globals";
import { trustedTools } from "./trusted-tools.ts";

it("events of the command line are trusted in development and nowhere else, also not where nobody says where", () => {
  expect(trustedTools({ environment: "development" })).toEqual(["weft-cli"]);
  for (const environment of ["production", "staging", "Development", ""]) {
    expect(trustedTools({ environment })).toEqual([]);
  }
  expect(trustedTools({})).toEqual([]);
});
