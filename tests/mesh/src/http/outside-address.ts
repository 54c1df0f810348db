import { createServer } from "node:http";
import { type AddressInfo, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, type MeshFixture, unique } from "./mesh-fixture.ts";

/** This machine as others see it; an address that nobody has where it is alone. */
const outside =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, address }) => !internal && isIPv4(address))?.address ?? "10.255.255.254";

/** Whoever may register could otherwise have the gateway carry its callers' requests anywhere. */
export function outsideAddress(mesh: MeshFixture) {
  describe("a service that is registered outside the allowed networks", () => {
    it("is never connected to, and the gateway says so once", async () => {
      let connections = 0;
      const server = createServer((_request, response) => response.end("{}"));
      server.on("connection", () => {
        connections += 1;
      });
      await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
      const name = unique("outside").replaceAll("_", "-");
      const consul = (path: string, body?: unknown) =>
        fetch(`${mesh.mesh.runtime().consul.url}/v1/agent/service/${path}`, {
          method: "PUT",
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
      const register = (instance: string, address: string) =>
        consul("register", {
          Name: name,
          ID: `${name}-${instance}`,
          Address: address,
          Port: (server.address() as AddressInfo).port,
          Meta: { version: "1.0.0", route: `/v1/${name}` },
          Check: { TTL: "600s", Status: "passing" },
        });
      const warnings = () =>
        mesh.mesh
          .lines()
          .filter((line) => line.includes(`"${name}-1"`) && line.includes("an instance is not used"))
          .filter((line) => line.includes('"service.name":"gateway"'));
      try {
        expect((await register("1", outside)).status).toBe(200);
        await eventually("the gateway says so", () => warnings().length > 0);
        for (let n = 0; n < 20; n++) expectError(await mesh.api("GET", `/v1/${name}/thing`), 404, "NOT_FOUND");
        expect(connections).toBe(0);

        // An instance on this machine is reached, also by name, and the other still is not.
        expect((await register("2", "localhost")).status).toBe(200);
        await eventually(
          "the second is reached",
          async () => (await mesh.api("GET", `/v1/${name}/thing`)).status === 200,
        );
        const reached = connections;
        for (let n = 0; n < 20; n++) expect((await mesh.api("GET", `/v1/${name}/thing`)).status).toBe(200);
        expect(reached).toBeGreaterThan(0);
        expect(warnings()).toHaveLength(1);
      } finally {
        await consul(`deregister/${name}-1`);
        await consul(`deregister/${name}-2`);
        server.closeAllConnections();
        server.close();
      }
    });
  });
}
