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

/** An instance registered an address that lies in none of the networks where instances may be. */
export const AddressNotAllowed = defineError<{ host: string }>({
  code: "ADDRESS_NOT_ALLOWED",
  kind: "unavailable",
  retryable: true,
  message: ({ host }) =>
    `${JSON.stringify(host)} has no address in the networks where instances may be (discovery.networks)`,
});
