import { apicurioDeviations, schemaRegistryConformance } from "@weft/testkit/conformance";
import { sharedAddresses } from "@weft/testkit/infrastructure";

schemaRegistryConformance(
  "Apicurio Registry",
  async () => ({ url: sharedAddresses().schemaRegistry.url, async stop() {} }),
  apicurioDeviations,
);
