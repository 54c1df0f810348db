import { afterEach, describe, expect, it } from "@jest/globals";
import { consulPorts } from "./consul-container.ts";

describe("an agent on the host's network", () => {
  const usual = process.env.WEFT_IMAGE_CONSUL;
  afterEach(() => {
    if (usual === undefined) delete process.env.WEFT_IMAGE_CONSUL;
    else process.env.WEFT_IMAGE_CONSUL = usual;
  });

  it.each([
    ["hashicorp/consul:1.22", true],
    ["hashicorp/consul:1.14.0", true],
    ["hashicorp/consul", true],
    ["weft-local/consul:1.8.7", false],
  ])("%s is told to leave 8503 alone: %s, because an older one does not know the word", async (image, isTold) => {
    process.env.WEFT_IMAGE_CONSUL = image;
    expect((await consulPorts()).grpc_tls).toBe(isTold ? -1 : undefined);
  });
});
