import { connectionsFrom } from "@weft/service-kit/connections";
import { brokerList, databaseUrl, httpUrl } from "../addresses.ts";
import { WrongUse } from "../wrong-use.ts";
import { externalAddresses, portFrom, replicationFrom, serverPorts } from "./infrastructure.ts";
import type { DevOptions } from "./options.ts";
import type { ServicePart } from "./parts.ts";
import { portNames } from "./services.ts";

/**
 * What can be known to be wrong before anything is touched: nothing is half-done then.
 * @throws WrongUse
 */
export function checkStart(options: DevOptions, parts: ServicePart[], environment: NodeJS.ProcessEnv): void {
  for (const folder of Object.keys(options.scale)) {
    if (options.only && !options.only.includes(folder))
      throw new WrongUse({ message: `--scale names ${folder}, which --only leaves out` });
  }
  const { WEFT_KAFKA_BROKERS, WEFT_SCHEMA_REGISTRY_URL, WEFT_CONSUL_URL, WEFT_POSTGRES_URL } = environment;
  if (WEFT_KAFKA_BROKERS) brokerList("WEFT_KAFKA_BROKERS", WEFT_KAFKA_BROKERS);
  if (WEFT_SCHEMA_REGISTRY_URL) httpUrl("WEFT_SCHEMA_REGISTRY_URL", WEFT_SCHEMA_REGISTRY_URL);
  if (WEFT_CONSUL_URL) httpUrl("WEFT_CONSUL_URL", WEFT_CONSUL_URL);
  if (WEFT_POSTGRES_URL) databaseUrl("WEFT_POSTGRES_URL", WEFT_POSTGRES_URL);
  if (environment.WEFT_KAFKA_ADVERTISED) brokerList("WEFT_KAFKA_ADVERTISED", environment.WEFT_KAFKA_ADVERTISED);
  replicationFrom(environment);
  if (options.infra === "external") {
    externalAddresses(environment);
    const { consul, kafka, schemaRegistry, database } = connectionsFrom(environment, "weft-dev");
    for (const look of [consul, kafka, schemaRegistry, () => database("weft")]) look();
  } else for (const name of serverPorts) portFrom(environment, name, 0);
  if (options.console) portFrom(environment, "WEFT_CONSOLE_PORT", 0);
  for (const name of parts.flatMap(portNames)) portFrom(environment, name, 0);
}
