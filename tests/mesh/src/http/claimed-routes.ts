import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, type MeshFixture, unique } from "./mesh-fixture.ts";

interface Line {
  level: string;
  prefix?: string;
  routedTo?: string;
  ignored?: string;
}

/** A service that only registers itself, and answers everything with its own name. */
async function claimant(mesh: MeshFixture, name: string, route: string) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data: { by: name } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const consul = (path: string, body?: unknown) =>
    fetch(`${mesh.mesh.runtime().consul.url}/v1/agent/service/${path}`, {
      method: "PUT",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const register = async () => {
    const registered = await consul("register", {
      Name: name,
      ID: `${name}-1`,
      Address: "127.0.0.1",
      Port: (server.address() as AddressInfo).port,
      Meta: { version: "1.0.0", route },
      Check: { TTL: "600s", Status: "passing" },
    });
    expect(registered.status).toBe(200);
  };
  await register();
  return {
    register,
    leave: () => consul(`deregister/${name}-1`),
    async close() {
      await consul(`deregister/${name}-1`);
      server.closeAllConnections();
      server.close();
    },
  };
}

type Claimant = Awaited<ReturnType<typeof claimant>>;

/** Two services that register the same prefix: the older has it, and the younger while the older has no instance. */
export function claimedRoutes(mesh: MeshFixture): void {
  /** What the gateway has written of a prefix that two want. */
  const warnings = (prefix: string) =>
    mesh.mesh
      .lines()
      .filter((line) => line.includes(prefix) && line.includes("routedTo"))
      .map((line) => JSON.parse(line) as Line)
      .map(({ level, routedTo, ignored }) => ({ level, routedTo, ignored }));

  // By name the younger comes first, which must not matter.
  const suffix = unique("x").replaceAll("_", "-");
  const prefix = `/v1/claimed-${suffix}`;
  const [older, younger] = [`second-${suffix}`, `first-${suffix}`];
  const by = async () => (await mesh.api("GET", `${prefix}/thing`)).data?.by;
  const warning = { level: "warn", routedTo: older, ignored: younger };
  let first: Claimant;
  let second: Claimant;

  describe("two services that claim one route", () => {
    beforeAll(async () => {
      first = await claimant(mesh, older, prefix);
      await eventually("the first is reached", async () => (await by()) === older);
      second = await claimant(mesh, younger, `${prefix},/v1/only-${suffix}`);
      await eventually("the second is known", async () => {
        return (await mesh.api("GET", `/v1/only-${suffix}/thing`)).data?.by === younger;
      });
    }, 60_000);
    afterAll(async () => {
      await first?.close();
      await second?.close();
    });

    it("the older has it, told once", async () => {
      await eventually("the gateway says so", () => warnings(prefix).length > 0);
      for (let n = 0; n < 20; n++) expect(await by()).toBe(older);

      // Again, as an instance does that the agent lost: it is the older one still, and nothing new is told.
      await first.register();
      await second.register();
      for (let n = 0; n < 20; n++) expect(await by()).toBe(older);
      expect(warnings(prefix)).toEqual([warning]);
    });

    it("the younger has it at once when the older has left, and the older again when that is back", async () => {
      await first.leave();
      await eventually("the second is reached", async () => (await by()) === younger);
      await first.register();
      await eventually("the first is back", async () => (await by()) === older);
      expect(warnings(prefix)).toEqual([warning]);
    });

    it("a claim on a route of the shop gets nothing", async () => {
      const name = unique("intruder").replaceAll("_", "-");
      const intruder = await claimant(mesh, name, `/v1/customers,/v1/${name}`);
      try {
        await eventually("it is known", async () => (await mesh.api("GET", `/v1/${name}/thing`)).data?.by === name);
        await eventually("the gateway says so", () => warnings("/v1/customers").length > 0);
        expect(warnings("/v1/customers")).toEqual([{ level: "warn", routedTo: "customer-service", ignored: name }]);
        for (let n = 0; n < 20; n++) {
          expectError(await mesh.api("GET", `/v1/customers/${unique("cust")}`), 404, "CUSTOMER_NOT_FOUND");
        }
      } finally {
        await intruder.close();
      }
    });
  });
}
