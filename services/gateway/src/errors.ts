import { defineError } from "@weft/core";

export const KeyFileInvalid = defineError<{ path: string; problem: string }>({
  code: "KEY_FILE_INVALID",
  kind: "invalid",
  message: ({ path, problem }) =>
    `${path} (auth.key_file, WEFT_JWT_KEY_FILE) ${problem}; name another, or in development remove it to have a new one made`,
});

export const KeysUnavailable = defineError<void>({
  code: "KEYS_UNAVAILABLE",
  kind: "unavailable",
  retryable: true,
  message: () => "the token issuer's keys could not be fetched (auth.jwks_url, WEFT_JWKS_URL)",
});

export const RoutesUnknown = defineError<void>({
  code: "ROUTES_UNKNOWN",
  kind: "unavailable",
  retryable: true,
  message: () => "the registry has not said yet which services there are",
});
