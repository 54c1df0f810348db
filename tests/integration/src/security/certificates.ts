// @peculiar/x509 wants it before itself.
import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const signing = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;

export interface Issued {
  /** PEM. */
  cert: string;
  key: string;
}

interface IssueOptions {
  /** Hosts and addresses of the certificate. */
  hosts?: string[];
  /** @defaultValue false */
  isExpired?: boolean;
}

/** An authority made for one test run, and files for those who take paths. */
export interface Authority {
  readonly ca: string;
  issue(name: string, options?: IssueOptions): Promise<Issued>;
  /** @returns the path of a new file that holds this text */
  file(name: string, text: string): string;
  remove(): void;
}

export async function newAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const folder = mkdtempSync(join(tmpdir(), "weft-certificates-"));
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: signing,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  let files = 0;
  return {
    ca: pemOf(root),
    async issue(subject, { hosts = [], isExpired = false } = {}) {
      const own = await newKeys();
      const until = Date.now() + (isExpired ? -3_600_000 : dayMs);
      const cert = await X509CertificateGenerator.create({
        subject: `CN=${subject}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: signing,
        notBefore: new Date(until - 2 * dayMs),
        notAfter: new Date(until),
        extensions: [
          new BasicConstraintsExtension(false),
          new SubjectAlternativeNameExtension(
            hosts.map((value) => ({ type: /^[\d.]+$/.test(value) ? ("ip" as const) : ("dns" as const), value })),
          ),
        ],
      });
      const key = await crypto.subtle.exportKey("pkcs8", own.privateKey);
      return { cert: pemOf(cert), key: `${PemConverter.encode(key, "PRIVATE KEY")}\n` };
    },
    file(label, text) {
      files += 1;
      const path = join(folder, `${files}-${label}`);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const newKeys = () => crypto.subtle.generateKey(signing, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
const pemOf = (certificate: X509Certificate) => `${certificate.toString("pem")}\n`;
