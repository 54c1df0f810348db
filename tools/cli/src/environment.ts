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
  WEFT_KAFKA_PORT: { default: 9092, meaning: "Where Kafka listens, embedded or in a container" },
  WEFT_KAFKA_ADVERTISED: {
    meaning: "The host:port that this Kafka tells its clients, where a proxy stands between",
  },
  WEFT_CONSUL_PORT: { default: 8500, meaning: "Where Consul listens, embedded or in a container" },
  WEFT_SCHEMA_REGISTRY_PORT: {
    default: 8081,
    meaning: "Where the Schema Registry listens, embedded or in a container",
  },
  WEFT_POSTGRES_PORT: { default: 5432, meaning: "Where PostgreSQL listens, embedded or in a container" },
  WEFT_IMAGE_POSTGRES: {
    default: "postgres:18",
    meaning: "Image of PostgreSQL for `--infra docker` and `infra/compose.yaml`",
  },
  WEFT_IMAGE_KAFKA: { default: "apache/kafka:4.1.1", meaning: "The same for Kafka" },
  WEFT_IMAGE_REGISTRY: { default: "apicurio/apicurio-registry:3.0.9", meaning: "The same for the Schema Registry" },
  WEFT_IMAGE_CONSUL: { default: "hashicorp/consul:1.22", meaning: "The same for Consul" },
  WEFT_IMAGE_REDIS: {
    default: "redis:8",
    meaning: "Image of Redis for `infra/compose.yaml` and `pnpm test:integration`",
  },
  WEFT_CONSUL_SERVER_PORT: {
    default: 8300,
    meaning: "Port that Consul in a container takes on this machine for itself; another where it is taken",
  },
  WEFT_CONSUL_SERF_PORT: { default: 8301, meaning: "The same, for its gossip" },
  WEFT_CONSOLE_PORT: { default: 8090, meaning: "Where the console listens" },
  WEFT_KAFKA_BROKERS: {
    meaning: "Brokers for services and commands, with commas; required by `--infra external`, as the next three are",
  },
  WEFT_SCHEMA_REGISTRY_URL: { meaning: "Schema Registry for services and commands" },
  WEFT_CONSUL_URL: { meaning: "Consul agent for services and commands" },
  WEFT_POSTGRES_URL: { meaning: "PostgreSQL for services and commands, with `{database}` for the name" },
  WEFT_ALLOWED_HOSTS: {
    meaning:
      "Names, with commas, by which everything that listens on loopback answers besides loopback's own, behind a proxy or a tunnel: `shop.example.com`, `*.example.com`, `*`",
  },
  WEFT_OPERATORS_TOKEN: {
    meaning:
      "Who shows it sees the gateway's metrics and the details of its health; `pnpm dev` makes one where it is not set (`tokens.operators` of `.weft/runtime.json`)",
  },
  WEFT_KAFKA_REPLICATION: {
    meaning:
      "Copies of each topic that is created on Kafka that is not embedded, at most as many as it has brokers; what `schemas/topics.json` says (3) where it is not set",
  },
  WEFT_GATEWAY_URL: { meaning: "Gateway of a mesh that runs elsewhere, for `weft demo`" },
  WEFT_ADMIN_TOKEN: { meaning: "An admin's token for that gateway" },
  WEFT_CUSTOMER_TOKEN: { meaning: "A customer's token for that gateway" },
  NO_COLOR: { meaning: "Anything: no colours in the output of `pnpm dev`" },
} as const satisfies Record<string, EnvironmentName>;
