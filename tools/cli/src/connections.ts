import { type Connections, connectionsFrom } from "@weft/service-kit/connections";

/** Names of the environment that carry an address. */
type AddressName = "WEFT_KAFKA_BROKERS" | "WEFT_SCHEMA_REGISTRY_URL" | "WEFT_CONSUL_URL" | "WEFT_POSTGRES_URL";

/**
 * How the servers at these addresses are spoken to: users, passwords and certificates come from the environment, under the
 * names that the services' own files use.
 * @throws ConfigurationInvalid, from each method, naming what is wrong in the environment
 */
export const connectionsAt = (addresses: Partial<Record<AddressName, string>>, clientId: string): Connections =>
  connectionsFrom({ ...process.env, ...addresses }, clientId);
