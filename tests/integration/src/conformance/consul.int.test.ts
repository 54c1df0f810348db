import { randomUUID } from "node:crypto";
import { consulAclConformance, consulConformance } from "@weft/testkit/conformance";
import { consulContainer, imageOf, sharedAddresses, tagVersion } from "@weft/testkit/infrastructure";

const [major = 0, minor = 0] = tagVersion(imageOf("WEFT_IMAGE_CONSUL"));
/** Of agents as Debian has them; the embedded one follows newer ones. */
const ofOldAgents = {
  "says that an unknown service is unknown": "old agents deregister what is not there",
  "lists checks by service and by state": "old agents know every state",
};

consulConformance(
  "HashiCorp Consul",
  async () => ({ url: sharedAddresses().consul.url, async stop() {} }),
  major === 1 && minor < 11 ? ofOldAgents : {},
);

consulAclConformance("HashiCorp Consul", async () => {
  const token = randomUUID();
  const { url, remove } = await consulContainer({ managementToken: token });
  return { url, token, stop: remove };
});
