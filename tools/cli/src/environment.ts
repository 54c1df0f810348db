interface EnvironmentName {
  /** What it does, for docs/configuration.md. */
  meaning: string;
  /** A number is a port. */
  default?: string | number;
}

/**
 * Every name of the environment that `pnpm dev` and `pnpm weft` read themselves. Those of a service stand in its
 * `config.yaml`; docs/configuration.md is made from both.
 */
export const environmentNames = {
  WEFT_STATE_DIR: {
    default: ".weft",
    meaning: "Where `pnpm dev` keeps its state and `pnpm weft` finds a running mesh: one folder, one mesh",
  },
  WEFT_KAFKA_PORT: { default: 9092, meaning: "Where embedded Kafka listens" },
  WEFT_KAFKA_ADVERTISED: {
    meaning: "The host:port that embedded Kafka tells its clients, where a proxy stands between",
  },
  WEFT_CONSUL_PORT: { default: 8500, meaning: "Where embedded Consul listens" },
  WEFT_SCHEMA_REGISTRY_PORT: { default: 8081, meaning: "Where the embedded Schema Registry listens" },
  WEFT_POSTGRES_PORT: { default: 5432, meaning: "Where embedded PostgreSQL listens" },
  WEFT_CONSOLE_PORT: { default: 8090, meaning: "Where the console listens" },
  WEFT_KAFKA_BROKERS: {
    meaning: "Brokers for services and commands, with commas; required by `--infra external`, as the next three are",
  },
  WEFT_SCHEMA_REGISTRY_URL: { meaning: "Schema Registry for services and commands" },
  WEFT_CONSUL_URL: { meaning: "Consul agent for services and commands" },
  WEFT_POSTGRES_URL: { meaning: "PostgreSQL for services and commands, with `{database}` for the name" },
  WEFT_GATEWAY_URL: { meaning: "Gateway of a mesh that runs elsewhere, for `weft demo`" },
  WEFT_ADMIN_TOKEN: { meaning: "An admin's token for that gateway" },
  WEFT_CUSTOMER_TOKEN: { meaning: "A customer's token for that gateway" },
  NO_COLOR: { meaning: "Anything: no colours in the output of `pnpm dev`" },
} as const satisfies Record<string, EnvironmentName>;
