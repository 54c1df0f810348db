import { type ComponentHealth, tlsFailureOf } from "@weft/core";
import { rootOf } from "./failures.ts";
import type { KafkaSettings } from "./options.ts";

/**
 * Whether the cluster lets this process in. kafkajs calls a refused password final; for a process that runs it is an outage
 * like any other: it is tried again with backoff, because passwords and certificates are renewed on the other side too.
 */
export interface KafkaAccess {
  /** Why a question to the cluster failed, in words that say what to do. Keeps a refusal for `health`. */
  explain(error: unknown): string;
  /** The cluster answered. */
  admitted(): void;
  health(): ComponentHealth;
}

export function kafkaAccess(settings: Pick<KafkaSettings, "sasl" | "tls">): KafkaAccess {
  let refusal: string | undefined;
  return {
    explain(error) {
      const why = refusalOf(error, settings);
      if (why === undefined) return rootOf(error).message;
      refusal = why;
      return why;
    },
    admitted() {
      refusal = undefined;
    },
    health: () => (refusal === undefined ? { status: "healthy" } : { status: "degraded", message: refusal }),
  };
}

function refusalOf(error: unknown, { sasl }: Pick<KafkaSettings, "sasl">): string | undefined {
  const root = rootOf(error);
  const user = sasl
    ? `user ${JSON.stringify(sasl.username)} with ${sasl.mechanism.toUpperCase()}`
    : "a client without SASL";
  if (root.type === "UNSUPPORTED_SASL_MECHANISM" || /mechanism is not supported by the server/.test(root.message)) {
    return `the cluster does not offer ${sasl?.mechanism.toUpperCase()}: set kafka.sasl.mechanism to one that it offers`;
  }
  if (root.name === "KafkaJSSASLAuthenticationError" || root.type === "SASL_AUTHENTICATION_FAILED") {
    return `the cluster refuses ${user}: check kafka.sasl (username, password, mechanism); it is tried again`;
  }
  if (root.type === "ILLEGAL_SASL_STATE")
    return `the cluster does not let ${user} in here: check the port and kafka.sasl`;
  if (root.type?.endsWith("_AUTHORIZATION_FAILED")) {
    return `the cluster does not allow this to ${user} (${root.message}): give it the right on the cluster`;
  }
  const tls = tlsFailureOf(error);
  return tls && `TLS with the cluster failed: ${tls} (kafka.tls; ${root.message})`;
}
