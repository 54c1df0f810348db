import { describe, expect, it } from "@jest/globals";
import { Unauthorized } from "@weft/core";
import { createLocalJWKSet } from "jose/jwks/local";
import { authenticator } from "./authenticate.ts";
import { audience, claims, hmacToken, issuer, jwkOf, key, now, token, unsigned } from "./testing/tokens.ts";
import { type TokenKeys, verificationKey } from "./token-keys.ts";

const ed = key("EdDSA");
const rsa = key("RS256");
const ec = key("ES256");
const stranger = key("EdDSA", ed.kid);
const strangerRsa = key("RS256", rsa.kid);
const keys: TokenKeys = {
  name: "token-keys",
  async start() {},
  async stop() {},
  find: createLocalJWKSet({ keys: [ed, rsa, ec].map((known) => verificationKey(jwkOf(known))!) }),
};
const authenticate = authenticator({ keys }, { issuer, audience, now: () => now * 1000 });
const bearer = (text: string) => authenticate(`Bearer ${text}`);

describe("who sent a request", () => {
  it("is nobody without a token", async () => expect(await authenticate(undefined)).toBeUndefined());

  it.each([
    ["EdDSA", ed],
    ["RS256", rsa],
    ["ES256", ec],
  ])("is whom a token signed with %s names", async (_alg, signer) => {
    expect(await bearer(token(signer))).toEqual({ id: "cust_1", role: "customer" });
    expect(await bearer(token(signer, claims({ role: "admin", sub: "ops" })))).toEqual({ id: "ops", role: "admin" });
  });

  it.each([
    ["expired for as long as clocks may differ", { exp: now - 59 }],
    ["not yet valid for as long as clocks may differ", { nbf: now + 60 }],
    ["made a little in the future", { iat: now + 60 }],
    ["for several audiences", { aud: ["other", audience] }],
    ["with more claims", { scope: "a b", nested: { sub: "x" } }],
  ])("is known by a token that is %s", async (_what, more) => {
    expect(await bearer(token(ed, claims(more)))).toMatchObject({ id: "cust_1" });
  });

  it.each([["x5t"], ["x5t#S256"]])("is known by a token with the thumbprint %s beside its key id", async (name) => {
    expect(await bearer(token(ed, claims(), header({ [name]: "AAAA" })))).toMatchObject({ id: "cust_1" });
  });

  it("is an admin where a list of roles says so, else a customer, whatever else is in it", async () => {
    const roleOf = async (role: string[]) => (await bearer(token(ed, claims({ role }))))?.role;
    expect(await roleOf(["offline_access", "customer"])).toBe("customer");
    expect(await roleOf(["customer", "admin"])).toBe("admin");
  });

  it.each([
    ["a path", "realm_access.roles", { realm_access: { roles: ["customer"] } }],
    ["a name with dots", "https://example.com/role", { "https://example.com/role": "customer" }],
    [
      "a path below a name with dots",
      "https://example.com/app.roles",
      { "https://example.com/app": { roles: ["customer"] } },
    ],
  ])("has the role at %s that is configured", async (_what, role, more) => {
    const configured = authenticator({ keys }, { issuer, audience, now: () => now * 1000, claims: { role } });
    const { role: _usual, ...rest } = claims(more) as Record<string, unknown>;
    expect(await configured(`Bearer ${token(ed, rest)}`)).toEqual({ id: "cust_1", role: "customer" });
    const refused = configured(`Bearer ${token(ed, claims({ role: "admin" }))}`);
    await expect(refused).rejects.toMatchObject({ code: Unauthorized.code });
  });

  it("has the subject and the names of roles that are configured", async () => {
    const names = { subject: "shop.customer_id", admin: ["weft-admin"], customer: ["buyer", "guest"] };
    const configured = authenticator({ keys }, { issuer, audience, now: () => now * 1000, claims: names });
    const ask = (more: object) =>
      configured(`Bearer ${token(ed, claims({ shop: { customer_id: "cust_9" }, ...more }))}`);
    expect(await ask({ role: "guest" })).toEqual({ id: "cust_9", role: "customer" });
    expect(await ask({ role: ["weft-admin"] })).toEqual({ id: "cust_9", role: "admin" });
    await expect(ask({ role: "admin" })).rejects.toMatchObject({ code: Unauthorized.code });
    await expect(ask({ role: "guest", shop: {} })).rejects.toMatchObject({ code: Unauthorized.code });
  });

  it("has an id that a customer may have, also where the subject could not be one", async () => {
    const user = await bearer(token(ed, claims({ sub: "auth0|5f7c8e" })));
    expect(user).toEqual({ id: "sub:auth0_7c5f7c8e", role: "customer" });
  });

  it("is known by a token of the type at+jwt, of none, and in any case of letters of the scheme", async () => {
    for (const header of [
      { alg: "EdDSA", kid: ed.kid, typ: "at+jwt" },
      { alg: "EdDSA", kid: ed.kid },
    ]) {
      expect(await bearer(token(ed, claims(), header))).toMatchObject({ id: "cust_1" });
    }
    expect(await authenticate(`bearer ${token(ed)}`)).toMatchObject({ id: "cust_1" });
  });
});

const pem = rsa.publicKey.export({ type: "spki", format: "pem" });
const der = rsa.publicKey.export({ type: "spki", format: "der" });
const good = token(ed);
const [head, body, tail] = good.split(".") as [string, string, string];
const header = (more: Record<string, unknown>) => ({ alg: "EdDSA", kid: ed.kid, typ: "JWT", ...more });
const without = (name: string) => {
  const { [name]: _left, ...rest } = claims() as Record<string, unknown>;
  return rest;
};
const text = JSON.stringify(claims());

/** What → the whole value of the Authorization header. */
const forged: Record<string, string> = {
  // Nothing signed
  "alg none": unsigned({ alg: "none" }),
  "alg None": unsigned({ alg: "None" }),
  "alg nOnE": unsigned({ alg: "nOnE" }),
  "alg NONE with a key id": unsigned({ alg: "NONE", kid: ed.kid }),
  "alg none with a signature": unsigned({ alg: "none" }, claims(), tail),
  "alg empty": unsigned({ alg: "" }, claims(), tail),
  "alg missing": token(ed, claims(), { kid: ed.kid }),
  "alg null": token(ed, claims(), { alg: null, kid: ed.kid }),
  "alg as a list": token(ed, claims(), { alg: ["EdDSA"], kid: ed.kid }),
  "signature left out": unsigned(header({})),
  "two parts": `${head}.${body}`,
  "four parts": `${good}.${tail}`,
  // The public key as a secret
  "HS256 with the RSA public key (PEM)": hmacToken(pem, { alg: "HS256", kid: rsa.kid }),
  "HS256 with the RSA public key (DER)": hmacToken(der, { alg: "HS256", kid: rsa.kid }),
  "HS512 with the RSA public key": hmacToken(pem, { alg: "HS512", kid: rsa.kid }, claims(), "sha512"),
  "HMAC that says it is RS256": hmacToken(pem, { alg: "RS256", kid: rsa.kid }),
  "HS256 with an empty secret": hmacToken("", { alg: "HS256" }),
  "HS256 with the Ed25519 public key": hmacToken(Buffer.from(jwkOf(ed).x!, "base64url"), { alg: "HS256", kid: ed.kid }),
  // Another algorithm than the key's
  RS512: token(rsa, claims(), { alg: "RS512", kid: rsa.kid }),
  PS256: token(rsa, claims(), { alg: "PS256", kid: rsa.kid }),
  ES384: token(ec, claims(), { alg: "ES384", kid: ec.kid }),
  "RS256 with the kid of the Ed25519 key": token(rsa, claims(), { alg: "RS256", kid: ed.kid }),
  "EdDSA with the kid of the RSA key": token(ed, claims(), { alg: "EdDSA", kid: rsa.kid }),
  "rs256 in small letters": token(rsa, claims(), { alg: "rs256", kid: rsa.kid }),
  // Another signer
  "signed by a stranger under our kid": token(stranger),
  "signed by a stranger's RSA key under our kid": token(strangerRsa),
  "signed by a stranger without kid": token(stranger, claims(), { alg: "EdDSA" }),
  "unknown kid": token(ed, claims(), header({ kid: "other" })),
  "kid as a path": token(ed, claims(), header({ kid: "../../../../dev/null" })),
  "kid as SQL": token(ed, claims(), header({ kid: "x' UNION SELECT 'k'; --" })),
  "kid as a URL": token(stranger, claims(), header({ kid: "http://127.0.0.1:1/jwks" })),
  "kid as a command": token(ed, claims(), header({ kid: "|id" })),
  "kid as an object": token(ed, claims(), header({ kid: { toString: "x" } })),
  "kid of 1,000 characters": token(ed, claims(), header({ kid: "k".repeat(1000) })),
  "kid __proto__": token(ed, claims(), header({ kid: "__proto__" })),
  // Keys that the token brings
  "jwk of a stranger": token(stranger, claims(), header({ jwk: jwkOf(stranger) })),
  "jwk beside a good signature": token(ed, claims(), header({ jwk: jwkOf(ed) })),
  jku: token(stranger, claims(), header({ jku: "http://127.0.0.1:1/jwks.json" })),
  "jku beside a good signature": token(ed, claims(), header({ jku: "https://weft.test/jwks.json" })),
  x5u: token(stranger, claims(), header({ x5u: "http://127.0.0.1:1/cert.pem" })),
  x5c: token(stranger, claims(), header({ x5c: ["MIIB"] })),
  // Extensions
  crit: token(ed, claims(), header({ crit: ["exp"] })),
  "crit with an extension": token(ed, claims(), header({ crit: ["urn:x"], "urn:x": true })),
  "crit empty": token(ed, claims(), header({ crit: [] })),
  "b64 false": token(ed, claims(), header({ b64: false, crit: ["b64"] })),
  zip: token(ed, claims(), header({ zip: "DEF" })),
  // Another kind of token
  "typ of an ID token": token(ed, claims(), header({ typ: "id+jwt" })),
  "typ logout+jwt": token(ed, claims(), header({ typ: "logout+jwt" })),
  "typ dpop+jwt": token(ed, claims(), header({ typ: "dpop+jwt" })),
  "typ as a number": token(ed, claims(), header({ typ: 1 })),
  "nested token": token(ed, good, header({ cty: "JWT" })),
  "nested token without cty": token(ed, good),
  "encrypted token (five parts)": `${head}.a.b.c.${tail}`,
  "encrypted header": token(ed, claims(), header({ enc: "A256GCM" })),
  // Claims
  "wrong issuer": token(ed, claims({ iss: "other" })),
  "issuer with a slash at the end": token(ed, claims({ iss: `${issuer}/` })),
  "issuer as a list": token(ed, claims({ iss: [issuer] })),
  "no issuer": token(ed, without("iss")),
  "wrong audience": token(ed, claims({ aud: "other" })),
  "audience that begins alike": token(ed, claims({ aud: `${audience}-admin` })),
  "audience empty": token(ed, claims({ aud: [] })),
  "no audience": token(ed, without("aud")),
  "no exp": token(ed, without("exp")),
  expired: token(ed, claims({ exp: now - 60 })),
  "expired long ago": token(ed, claims({ exp: 0 })),
  "exp as a text": token(ed, claims({ exp: `${now + 3600}` })),
  "exp null": token(ed, claims({ exp: null })),
  "exp beyond all numbers": token(ed, text.replace(`"exp":${now + 3600}`, '"exp":1e999')),
  "not yet valid": token(ed, claims({ nbf: now + 61 })),
  "nbf as a text": token(ed, claims({ nbf: "0" })),
  "made in the future": token(ed, claims({ iat: now + 61 })),
  "no subject": token(ed, without("sub")),
  "subject empty": token(ed, claims({ sub: "" })),
  "subject as a number": token(ed, claims({ sub: 5 })),
  "subject with a line break": token(ed, claims({ sub: "cust_1\r\nX-User-Role: admin" })),
  "subject of 300 characters": token(ed, claims({ sub: "c".repeat(300) })),
  "subject look-alike": token(ed, claims({ sub: "cuѕt_1" })),
  "no role": token(ed, without("role")),
  "unknown role": token(ed, claims({ role: "root" })),
  "a list without a role": token(ed, claims({ role: ["offline_access"] })),
  "a list with something else in it": token(ed, claims({ role: ["admin", 1] })),
  "role empty": token(ed, claims({ role: [] })),
  "roles in one text": token(ed, claims({ role: "customer admin" })),
  "role as an object": token(ed, claims({ role: { admin: true } })),
  "role Admin": token(ed, claims({ role: "Admin" })),
  "role from the prototype": token(ed, claims({ role: "__proto__" })),
  "subject twice": token(ed, text.replace('"sub"', '"sub":"admin","sub"')),
  "role twice, once escaped": token(ed, text.replace('"role"', '"\\u0072ole":"admin","role"')),
  "alg twice": token(ed, claims(), `{"alg":"none","alg":"EdDSA","kid":"${ed.kid}"}`),
  "claims as a list": token(ed, "[1]"),
  "claims null": token(ed, "null"),
  "claims that are no JSON": token(ed, `${text},`),
  "header null": token(ed, claims(), "null"),
  "header that is no JSON": token(ed, claims(), "{alg:EdDSA}"),
  // Spelling
  "payload changed": `${head}.${Buffer.from(JSON.stringify(claims({ sub: "cust_2" }))).toString("base64url")}.${tail}`,
  "one bit of the signature changed": `${head}.${body}.${tail.startsWith("A") ? "B" : "A"}${tail.slice(1)}`,
  padded: `${head}=.${body}=.${tail}==`,
  "standard base64": `${head}.${body}.${tail}+/`,
  huge: token(ed, claims({ more: "x".repeat(9000) })),
  "huge without sense": "a".repeat(100_000),
  empty: "",
  dots: "..",
  "a word": "admin",
};
const schemes: Record<string, string> = {
  "no scheme": good,
  Basic: `Basic ${Buffer.from("admin:admin").toString("base64")}`,
  Token: `Token ${good}`,
  "two tokens": `Bearer ${good}, Bearer ${good}`,
  "a token and more": `Bearer ${good} x`,
  "a tab in between": `Bearer\t${good}`,
  nothing: "",
};

describe("a forged token", () => {
  const all = [
    ...Object.entries(forged).map(([what, value]) => [what, `Bearer ${value}`] as const),
    ...Object.entries(schemes),
  ];

  it.each(all)("is refused: %s", async (_what, authorization) => {
    const error = await authenticate(authorization).then(
      (user) => `taken as ${JSON.stringify(user)}`,
      (reason) => reason,
    );
    expect(Unauthorized.is(error)).toBe(true);
    // Always the same words: the reason would help whoever tries.
    expect(error.toBody()).toEqual({ code: "UNAUTHORIZED", message: "a valid bearer token is needed" });
  });

  it("comes in more than eighty forms here", () => expect(all.length).toBeGreaterThan(80));

  it("costs next to nothing, also when it is huge", async () => {
    const huge = `Bearer ${"e30".repeat(8_000_000)}.e30.e30`;
    const began = performance.now();
    for (let time = 0; time < 100; time += 1) await authenticate(huge).catch(() => {});
    // Decoded even once, each would take a good part of a second.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
