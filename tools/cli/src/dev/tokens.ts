import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { defineError } from "@weft/core";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";

export const developmentIssuer = "weft-dev";
export const developmentAudience = "weft";

const KeyUnreadable = defineError<{ file: string }>({
  code: "KEY_UNREADABLE",
  kind: "internal",
  message: ({ file }) =>
    `${file} is not a key that tokens can be signed with: remove it, and the next start makes a new one`,
});

/** The key that this machine's tokens are signed with: made once, kept with the other state, readable by this user only. */
export async function developmentKey(file: string): Promise<JWK> {
  if (existsSync(file)) return readKey(file);
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: "EdDSA" };
  const key = { ...jwk, kid: await calculateJwkThumbprint(jwk) };
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify(key), { mode: 0o600 });
  renameSync(temporary, file);
  return key;
}

function readKey(file: string): JWK {
  try {
    const key = JSON.parse(readFileSync(file, "utf8")) as JWK;
    if (key.d && key.kid) return key;
  } catch {}
  throw new KeyUnreadable({ file });
}

/** A token of 24 hours for one subject in one role. */
export async function mintToken(key: JWK, subject: string, role: "admin" | "customer"): Promise<string> {
  return new SignJWT({ role })
    .setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid: key.kid ?? "" })
    .setIssuer(developmentIssuer)
    .setAudience(developmentAudience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime("24h")
    .sign(await importJWK(key, "EdDSA"));
}
