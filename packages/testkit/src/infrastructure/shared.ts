import type { Addresses } from "./server.ts";

const variable = "TESTKIT_ADDRESSES";

/** Tells the workers of this run where its servers are. */
export function shareAddresses({ kafka, consul, schemaRegistry, postgres }: Addresses): void {
  process.env[variable] = JSON.stringify({
    kafka: { brokers: kafka.brokers },
    consul: { url: consul.url },
    schemaRegistry: { url: schemaRegistry.url },
    postgres: { url: postgres.url },
  } satisfies Addresses);
}

/** The servers that the whole run shares. Whoever uses them keeps apart by its own topics, databases, subjects and services. */
export function sharedAddresses(): Addresses {
  const shared = process.env[variable];
  if (shared === undefined)
    throw new Error("no servers are shared in this run: a global setup calls shareAddresses first");
  return JSON.parse(shared) as Addresses;
}
