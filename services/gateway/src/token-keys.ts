import type { Component } from "@weft/core";
import type { JWK, JWTVerifyGetKey } from "jose";

/** Signatures that are taken, and the only ones: all asymmetric, so that whoever can check a token cannot make one. */
export const algorithms = ["RS256", "ES256", "EdDSA"];

/** Where the keys come from that tokens are checked with. */
export interface TokenKeys extends Component {
  /** @throws an error of `jose` where no key fits the token's header */
  readonly find: JWTVerifyGetKey;
}

const algorithmOf = ({ kty, crv }: JWK): string | undefined => {
  if (kty === "RSA") return "RS256";
  if (kty === "EC" && crv === "P-256") return "ES256";
  return kty === "OKP" && crv === "Ed25519" ? "EdDSA" : undefined;
};

/**
 * The public key of one that tokens are signed with, tied to the one algorithm it is for. Others give nothing: secrets
 * (`oct`), keys for encryption, other curves, RSA below 2048 bits.
 */
export function verificationKey({ kty, crv, n, e, x, y, kid, alg, use }: JWK): JWK | undefined {
  const algorithm = algorithmOf({ kty, crv } as JWK);
  if (algorithm === undefined || (use !== undefined && use !== "sig")) return undefined;
  if (alg !== undefined && alg !== algorithm && !(algorithm === "EdDSA" && alg === "Ed25519")) return undefined;
  if (kty === "RSA" && Buffer.from(n ?? "", "base64url").length < 256) return undefined;
  const named = { kty, alg: algorithm, use: "sig", ...(kid === undefined ? {} : { kid }) };
  if (kty === "RSA") return { ...named, n, e } as JWK;
  return (kty === "EC" ? { ...named, crv, x, y } : { ...named, crv, x }) as JWK;
}
