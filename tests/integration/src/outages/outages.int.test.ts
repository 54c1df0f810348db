import { afterAll } from "@jest/globals";
import { type Infrastructure, startInfrastructure } from "@weft/testkit/infrastructure";
import { integrationMesh } from "../mesh/integration-mesh.ts";
import { consulOutages } from "./consul.ts";
import { kafkaOutages } from "./kafka.ts";
import { postgresOutages } from "./postgres.ts";
import { schemaRegistryOutages } from "./schema-registry.ts";

/** Servers of its own, because these tests harm them, with a cluster of three brokers. */
let infrastructure: Infrastructure | undefined;
const servers = () => infrastructure!;
const mesh = integrationMesh({ WEFT_RATE_LIMIT: "off" }, async () => {
  infrastructure = await startInfrastructure("containers", { brokers: 3 });
  return infrastructure;
});
// After the mesh is gone: these hooks run in the order in which they are defined.
afterAll(() => infrastructure?.stop(), 60_000);

consulOutages(mesh, servers);
postgresOutages(mesh, servers);
schemaRegistryOutages(mesh, servers);
kafkaOutages(mesh, servers);
