import { randomUUID } from "node:crypto";
import { consulAclConformance, consulConformance, oldConsulDeviations } from "@weft/testkit/conformance";
import { consulContainer, imageOf, sharedAddresses, tagVersion } from "@weft/testkit/infrastructure";

const [major = 0, minor = 0] = tagVersion(imageOf("WEFT_IMAGE_CONSUL"));

consulConformance(
  "HashiCorp Consul",
  async () => ({ url: sharedAddresses().consul.url, async stop() {} }),
  major === 1 && minor < 11 ? oldConsulDeviations : {},
);

consulAclConformance("HashiCorp Consul", async () => {
  const token = randomUUID();
  const { url, remove } = await consulContainer({ managementToken: token });
  return { url, token, stop: remove };
});
