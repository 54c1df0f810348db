import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@weft/core";
import { embeddedSchemaRegistry } from "@weft/embedded";
import { schemaRegistryConformance } from "@weft/testkit/conformance";

schemaRegistryConformance("embedded", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-schema-registry-"));
  const server = embeddedSchemaRegistry({ log: silentLogger }, { dataDir, port: 0 });
  await server.start();
  return {
    url: `http://127.0.0.1:${server.address.port}`,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});
