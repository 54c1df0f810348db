import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Logger } from "@weft/core";
import type { JWK } from "jose";
import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { createLocalJWKSet } from "jose/jwks/local";
import { KeyFileInvalid } from "./errors.ts";
import { type TokenKeys, verificationKey } from "./token-keys.ts";

/**
 * One key in a file: a JWK (private or public) or a public key in PEM. With `isMade` a missing file is made, as a private Ed25519 JWK
 * that only this user reads: for development, where the tool that signs and the gateway that checks share the machine.
 */
export function keyFile(
  { log }: { log: Logger },
  { path, isMade = false }: { path: string /** @defaultValue false */; isMade?: boolean },
): TokenKeys {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  return {
    name: "token-keys",
    async start() {
      if (isMade && (await makeIfMissing(path))) log.info({ path }, "made a development key for tokens");
      const jwk = verificationKey(await readKey(path));
      if (!jwk) throw new KeyFileInvalid({ path, problem: "has no key for RS256, ES256 or EdDSA" });
      keys = createLocalJWKSet({ keys: [jwk] });
    },
    async stop() {},
    find: (header, token) => keys!(header, token),
  };
}

/** Whoever comes first makes it: the file appears whole, and the second finds the first one's. */
async function makeIfMissing(path: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    readFileSync(path);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unreadable(path, error);
  }
  const { privateKey } = generateKeyPairSync("ed25519");
  const jwk = { ...(privateKey.export({ format: "jwk" }) as JWK), alg: "EdDSA" };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify({ ...jwk, kid: await calculateJwkThumbprint(jwk) }), { mode: 0o600 });
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new KeyFileInvalid(
      { path, problem: `cannot be made (${(error as NodeJS.ErrnoException).code})` },
      { cause: error },
    );
  } finally {
    rmSync(temporary, { force: true });
  }
}

async function readKey(path: string): Promise<JWK> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const isPem = text.trimStart().startsWith("-----BEGIN");
    const given = isPem ? undefined : (JSON.parse(text) as JWK);
    const key: KeyObject = given ? createPublicKey({ key: given as JsonWebKey, format: "jwk" }) : createPublicKey(text);
    const jwk = key.export({ format: "jwk" }) as JWK;
    // `alg` and `use` are the file's claim about the key; the thumbprint is its name where it has none.
    return { ...jwk, alg: given?.alg, use: given?.use, kid: given?.kid ?? (await calculateJwkThumbprint(jwk)) };
  } catch (error) {
    throw new KeyFileInvalid({ path, problem: "is neither a JWK nor a public key in PEM" }, { cause: error });
  }
}

const unreadable = (path: string, error: unknown) =>
  new KeyFileInvalid({ path, problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` }, { cause: error });
