import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export const issuer = "weft-test";
export const audience = "weft";
/** The moment of all tests, in seconds since the epoch. */
export const now = 1_800_000_000;

export interface Key {
  alg: string;
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export function key(alg: "RS256" | "ES256" | "EdDSA", kid = `key-${alg}`): Key {
  const pair =
    alg === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : alg === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  return { alg, kid, ...pair };
}

export const jwkOf = ({ publicKey, alg, kid }: Key) => ({
  ...publicKey.export({ format: "jwk" }),
  alg,
  kid,
  use: "sig",
});

export const claims = (more: Record<string, unknown> = {}) => ({
  iss: issuer,
  aud: audience,
  sub: "cust_1",
  role: "customer",
  iat: now,
  exp: now + 3600,
  ...more,
});

type Part = string | Record<string, unknown>;
const encode = (part: Part) =>
  Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

/** Any token at all, also one that no library would make; texts are taken as they are. */
export function token(signer: Key, payload: Part = claims(), header?: Part): string {
  const input = `${encode(header ?? { alg: signer.alg, kid: signer.kid, typ: "JWT" })}.${encode(payload)}`;
  return `${input}.${signature(signer, input)}`;
}

function signature({ alg, privateKey }: Key, input: string): string {
  const bytes = Buffer.from(input);
  if (alg === "EdDSA") return sign(null, bytes, privateKey).toString("base64url");
  return sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
}

export function hmacToken(secret: string | Buffer, header: Part, payload: Part = claims(), hash = "sha256"): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest("base64url")}`;
}

export const unsigned = (header: Part, payload: Part = claims(), end = "") =>
  `${encode(header)}.${encode(payload)}.${end}`;
