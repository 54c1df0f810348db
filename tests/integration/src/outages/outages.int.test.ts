import { afterAll, afterEach, expect } from "@jest/globals";
import { type Infrastructure, startInfrastructure } from "@weft/testkit/infrastructure";
import { integrationMesh } from "../mesh/integration-mesh.ts";
import { consulOutages } from "./consul.ts";
import { kafkaOutages } from "./kafka.ts";
import { postgresOutages } from "./postgres.ts";
import { schemaRegistryOutages } from "./schema-registry.ts";

/** Servers of its own, because these tests harm them, with a cluster of three brokers. */
let infrastructure: Infrastructure | undefined;
const servers = () => infrastructure!;
const deaths: string[] = [];
const mesh = integrationMesh({ WEFT_RATE_LIMIT: "off" }, async () => {
  infrastructure = await startInfrastructure("containers", { brokers: 3, onDeath: (death) => deaths.push(death) });
  return infrastructure;
});
/** What a test ended is not among them. */
const expectNoDeath = () => expect(deaths.splice(0)).toEqual([]);
afterEach(expectNoDeath);
// After the mesh is gone: these hooks run in the order in which they are defined.
afterAll(() => infrastructure?.stop(), 60_000);
afterAll(expectNoDeath);

consulOutages(mesh, servers);
postgresOutages(mesh, servers);
schemaRegistryOutages(mesh, servers);
kafkaOutages(mesh, servers);
