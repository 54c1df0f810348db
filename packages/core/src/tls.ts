/** How the other side of a connection is known, and how this process shows who it is. The texts are PEM, not paths. */
export interface TlsOptions {
  /** Who may have signed the other side's certificate. @defaultValue the authorities that Node brings */
  ca?: string;
  /** This process's own certificate; with `key`. */
  cert?: string;
  key?: string;
  /** The name that the other side's certificate must be for. @defaultValue the host that is connected to */
  servername?: string;
}

const explanations: readonly [pattern: RegExp, explanation: string][] = [
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/i,
    "its certificate is for another host: connect by a name that stands in the certificate, or say which one in `servername`",
  ],
  [/CERT_HAS_EXPIRED|certificate has expired/i, "its certificate has expired: renew it there"],
  [/CERT_NOT_YET_VALID|certificate is not yet valid/i, "its certificate is not valid yet: compare the clocks"],
  [
    /SELF_SIGNED_CERT|self-signed certificate|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|unable to (verify the first|get (local )?issuer) certificate|CERT_SIGNATURE_FAILURE|certificate signature failure/i,
    "its certificate is not signed by an authority that is trusted here: name the authority's certificate in `ca_file`",
  ],
  [
    /alert (certificate required|bad certificate|certificate unknown|unknown ca|handshake failure|unsupported certificate)|ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA|HANDSHAKE_FAILURE)/i,
    "it does not take the certificate of this process: name one that it trusts, in `cert_file` and `key_file`",
  ],
  [
    /ERR_SSL_WRONG_VERSION_NUMBER|wrong version number|ERR_SSL_PACKET_LENGTH_TOO_LONG|packet length too long/i,
    "what answers there does not speak TLS: another port, or no TLS",
  ],
  [
    /disconnected before secure TLS connection/i,
    "it ended the connection during the handshake: is it a port for TLS, and does it want a certificate?",
  ],
  [/does not support SSL connections/i, "it does not offer TLS: switch it on there"],
];

/** What a failed TLS handshake means and what to do about it, in one sentence; nothing for any other failure. */
export function tlsFailureOf(error: unknown): string | undefined {
  const text = wordsOf(error, 0);
  return explanations.find(([pattern]) => pattern.test(text))?.[1];
}

/** Libraries wrap what Node said, some keep its code and some only its text. */
function wordsOf(error: unknown, depth: number): string {
  if (typeof error === "string") return error;
  if (typeof error !== "object" || error === null || depth > 5) return "";
  const { code, message, cause, originalError, errors } = error as Record<string, unknown>;
  const inner = [cause, originalError, ...(Array.isArray(errors) ? errors : [])];
  return [String(code ?? ""), String(message ?? ""), ...inner.map((one) => wordsOf(one, depth + 1))].join("\n");
}
