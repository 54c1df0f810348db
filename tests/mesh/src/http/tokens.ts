import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Makes tokens with the development key of a mesh: of any subject, and wrong ones too. */
export function tokenMaker(stateDir: string) {
  const jwk = JSON.parse(readFileSync(join(stateDir, "keys", "jwt.jwk.json"), "utf8"));
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  return (claims: object, header: object = {}): string => {
    const now = Math.floor(Date.now() / 1000);
    const head = encoded({ alg: "EdDSA", typ: "JWT", kid: jwk.kid, ...header });
    const body = encoded({ iss: "weft-dev", aud: "weft", iat: now, exp: now + 3600, ...claims });
    return `${head}.${body}.${sign(null, Buffer.from(`${head}.${body}`), key).toString("base64url")}`;
  };
}
