import { startContainers } from "./containers.ts";
import { startEmbedded } from "./embedded.ts";
import type { Infrastructure, InfrastructureOptions } from "./server.ts";

/** Kafka, Consul, Schema Registry and PostgreSQL as one value. @throws with the server that did not start, and why */
export function startInfrastructure(
  kind: Infrastructure["kind"],
  options: InfrastructureOptions = {},
): Promise<Infrastructure> {
  return kind === "containers" ? startContainers(options) : startEmbedded(options);
}

export { withAnotherRun } from "./another-run.ts";
export { consulContainer, consulPorts } from "./consul-container.ts";
export { ServerContainer } from "./container.ts";
export { containerEngine, EngineUnavailable } from "./engine.ts";
export { externalMesh } from "./external-mesh.ts";
export { hostPort } from "./host-port.ts";
export { type ImageVariable, imageOf, tagVersion } from "./images.ts";
export { frugalKafka, kafkaContainers } from "./kafka-container.ts";
export { ownLabels, sweepDeadRuns, sweepOwnRun } from "./owner.ts";
export { postgresContainer } from "./postgres-container.ts";
export { schemaRegistryContainer } from "./schema-registry-container.ts";
export type { Addresses, Infrastructure, InfrastructureOptions, KafkaCluster, Server } from "./server.ts";
export { shareAddresses, sharedAddresses } from "./shared.ts";
