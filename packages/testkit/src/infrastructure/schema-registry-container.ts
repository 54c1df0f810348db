import { type StartOptions, startContainer } from "./container.ts";
import type { Infrastructure } from "./server.ts";

/** Apicurio Registry, asked through its Confluent API. Its storage is a file in the container, so that it survives a restart. */
export async function schemaRegistryContainer(options: StartOptions = {}): Promise<Infrastructure["schemaRegistry"]> {
  const urlOf = (port: number) => `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const { server, port } = await startContainer(
    (hostPort) => ({
      name: "schema-registry",
      image: "WEFT_IMAGE_REGISTRY",
      containerPort: 8080,
      environment: {
        APICURIO_DATASOURCE_URL: "jdbc:h2:file:/tmp/registry;AUTO_SERVER=FALSE",
        // Two spellings of one schema are one schema, as they are for Confluent's registry.
        APICURIO_CCOMPAT_USE_CANONICAL_HASH: "true",
        JAVA_TOOL_OPTIONS: "-Xms128m -Xmx384m -XX:TieredStopAtLevel=1",
      },
      async answers() {
        const { ok } = await fetch(`${urlOf(hostPort)}/subjects`, { signal: AbortSignal.timeout(5_000) });
        return ok;
      },
    }),
    options,
  );
  const url = urlOf(port);
  const level = await fetch(`${url}/config`, {
    method: "PUT",
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    // Confluent's default; Apicurio has none.
    body: JSON.stringify({ compatibility: "BACKWARD" }),
  });
  if (!level.ok) {
    await server.remove();
    throw new Error(`schema-registry did not take its compatibility level: ${level.status} ${await level.text()}`);
  }
  return { ...server, url };
}
