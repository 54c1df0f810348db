import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { missingSettings, namesOf } from "./config.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
describe("the gateway outside of development", () => {
  it("does not start without keys, issuer and addresses, and says in one line what to set", () => {
    const flags = ["--conditions=@weft/source", "--disable-warning=ExperimentalWarning"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, main], {
      env: { PATH: process.env.PATH, NODE_ENV: "production" },
      encoding: "utf8",
      timeout: 60_000,
    });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^set WEFT_JWKS_URL, WEFT_JWT_ISSUER, WEFT_GATEWAY_HOST, WEFT_CONSUL_URL: .*"production".*\n$/,
    );
  }, 90_000);

  const issuer = "https://id.example.com/";
  const jwks_url = "https://id.example.com/jwks.json";
  it.each([
    [{ issuer, jwks_url }, []],
    [{ issuer, jwks_url: null, key_file: "/etc/weft/issuer.pem" }, []],
    [{ issuer, jwks_url: null, key_file: ".weft/keys/jwt.jwk.json" }, ["WEFT_JWKS_URL"]],
    [{ issuer, jwks_url: null, key_file: null }, ["WEFT_JWKS_URL"]],
    [{ issuer: "weft-dev", jwks_url }, ["WEFT_JWT_ISSUER"]],
    [{ issuer: "weft-dev" }, ["WEFT_JWKS_URL", "WEFT_JWT_ISSUER"]],
  ])("lacks with %j %j", (auth, missing) => {
    expect(missingSettings({ auth: { audience: "weft", ...auth } })).toEqual(missing);
  });
});

describe("a list of names in the configuration", () => {
  it.each([
    ["a, b,,", ["a", "b"]],
    [
      ["a", " b "],
      ["a", "b"],
    ],
    [" , ", undefined],
    [undefined, undefined],
  ])("%j is %j", (given, names) => expect(namesOf(given)).toEqual(names));
});
