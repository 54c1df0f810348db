import { defineError } from "@weft/core";

export const RegistryUnavailable = defineError<{ operation: string; reason: string }>({
  code: "REGISTRY_UNAVAILABLE",
  kind: "unavailable",
  retryable: true,
  message: ({ operation, reason }) => `Consul did not answer ${operation}: ${reason}`,
});

export const RegistryRefused = defineError<{ operation: string; reason: string }>({
  code: "REGISTRY_REFUSED",
  kind: "internal",
  message: ({ operation, reason }) => `Consul refused ${operation}: ${reason}`,
});

export const RegistryOptionsInvalid = defineError<{ problems: string[] }>({
  code: "REGISTRY_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ problems }) => `the registry's options are invalid: ${problems.join("; ")}`,
});
