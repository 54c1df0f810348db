import { afterAll, beforeAll } from "@jest/globals";
import { MeshFixture } from "@weft/mesh-tests/suites";
import { type Addresses, externalMesh, sharedAddresses } from "@weft/testkit/infrastructure";

/** One mesh for the whole file on real servers, as `pnpm dev --infra external` starts it, with databases of its own. */
export function integrationMesh(
  environment: NodeJS.ProcessEnv = {},
  addresses: () => Promise<Addresses> = async () => sharedAddresses(),
): MeshFixture {
  const fixture = new MeshFixture();
  let external: Awaited<ReturnType<typeof externalMesh>> | undefined;
  beforeAll(async () => {
    external = await externalMesh(await addresses());
    await fixture.start({
      arguments: external.arguments,
      environment: { ...external.environment, ...environment },
      startTimeoutMs: 180_000,
    });
  }, 300_000);
  afterAll(async () => {
    await fixture.stop();
    await external?.dropDatabases();
  }, 120_000);
  return fixture;
}
