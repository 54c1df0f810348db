import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { importJWK, SignJWT } from "jose";
import { authenticator } from "./authenticate.ts";
import { KeyFileInvalid } from "./errors.ts";
import { keyFile } from "./key-file.ts";
import { audience, issuer, jwkOf, key, now, token } from "./testing/tokens.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

async function opened(path: string, isMade = true) {
  const keys = keyFile({ log: silentLogger }, { path, isMade });
  await keys.start();
  return authenticator({ keys }, { issuer, audience, now: () => now * 1000 });
}

describe("the key in a file", () => {
  it("is made where there is none, for this user only, and once however many begin together", async () => {
    const path = at("made/here/jwt.jwk.json");
    await Promise.all([opened(path), opened(path), opened(path)]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const before = readFileSync(path, "utf8");
    const authenticate = await opened(path);
    expect(readFileSync(path, "utf8")).toBe(before);

    const jwk = JSON.parse(before);
    expect(jwk).toMatchObject({ kty: "OKP", crv: "Ed25519", alg: "EdDSA", kid: expect.any(String) });
    const minted = await new SignJWT({ role: "admin" })
      .setProtectedHeader({ alg: "EdDSA", kid: jwk.kid, typ: "JWT" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject("admin")
      .setExpirationTime(now + 60)
      .sign(await importJWK(jwk, "EdDSA"));
    expect(await authenticate(`Bearer ${minted}`)).toEqual({ id: "admin", role: "admin" });
  });

  it.each(["RS256", "ES256", "EdDSA"] as const)("may be a public one, as JWK or PEM: %s", async (alg) => {
    const signer = key(alg);
    writeFileSync(at(`${alg}.json`), JSON.stringify(jwkOf(signer)));
    writeFileSync(at(`${alg}.pem`), signer.publicKey.export({ type: "spki", format: "pem" }));
    const header = { alg, typ: "JWT" };
    for (const file of [`${alg}.json`, `${alg}.pem`]) {
      const authenticate = await opened(at(file));
      expect(await authenticate(`Bearer ${token(signer, undefined, header)}`)).toMatchObject({ id: "cust_1" });
    }
  });

  it.each([
    ["no key", "hello"],
    ["broken JSON", "{"],
    ["a secret", '{"kty":"oct","k":"c2VjcmV0"}'],
    ["another curve", JSON.stringify({ kty: "EC", crv: "P-521", x: "AA", y: "AA" })],
    ["empty", ""],
  ])("is refused, with the way out, where it is %s", async (_what, content) => {
    writeFileSync(at("broken"), content);
    const error = await opened(at("broken")).catch((reason) => reason);
    expect(KeyFileInvalid.is(error)).toBe(true);
    expect(error.message).toMatch(/broken \(auth.key_file, WEFT_JWT_KEY_FILE\).*remove it/);
  });

  it("is not made where it must be there", async () => {
    const error = await opened(at("absent.json"), false).catch((reason) => reason);
    expect(KeyFileInvalid.is(error)).toBe(true);
    expect(existsSync(at("absent.json"))).toBe(false);
  });

  it("is refused where it can be neither read nor made", async () => {
    writeFileSync(at("file"), "");
    for (const path of [folder, at("file/below.json")]) {
      expect(KeyFileInvalid.is(await opened(path).catch((reason) => reason))).toBe(true);
    }
  });
});
