import { afterEach, describe, expect, it } from "@jest/globals";
import { classify } from "@weft/core";
import { RegistryUnavailable } from "../errors.ts";
import { cleanUp, cleanups, consul } from "../testing/registry.ts";
import { consulApi } from "./api.ts";

afterEach(cleanUp);

async function apiOfFake() {
  const fake = await consul();
  const api = consulApi({ url: fake.url });
  cleanups.push(() => api.close());
  return { fake, api };
}

describe("requests to Consul", () => {
  it("reject with an error of the program as it is: Consul is not away", async () => {
    const { fake, api } = await apiOfFake();
    const unencodable = { name: "thing-service", meta: { route: 1n } } as never;
    const failure = await api.register(unencodable, { timeoutMs: 1000 }).catch((error: unknown) => error);
    expect([classify(failure), RegistryUnavailable.is(failure)]).toEqual(["bug", false]);
    expect(fake.requests).toEqual([]);
  });

  it("take an answer that is not JSON for a Consul that is not there", async () => {
    const { fake, api } = await apiOfFake();
    fake.lie = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("<html>");
      return true;
    };
    await expect(api.services({ timeoutMs: 1000 })).rejects.toThrow(RegistryUnavailable);
  });
});
