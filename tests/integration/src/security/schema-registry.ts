import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type StartedTestContainer, Wait } from "testcontainers";
import type { Authority, Issued } from "./certificates.ts";
import { secured, stopContainers } from "./containers.ts";

export const registryUser = { username: "weft", password: "registry-canary-2Hv" };

export interface SecuredRegistry {
  /** Of the two fronts: one whose certificate is right, and one whose is not any more. */
  readonly port: number;
  readonly expiredPort: number;
  stop(): Promise<void>;
}

export async function securedRegistry(authority: Authority): Promise<SecuredRegistry> {
  const container = await secured("WEFT_IMAGE_REGISTRY")
    .withEnvironment({ JAVA_TOOL_OPTIONS: "-Xms128m -Xmx384m -XX:TieredStopAtLevel=1" })
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp("/apis/ccompat/v7/subjects", 8080))
    .withStartupTimeout(150_000)
    .start();
  const fronts = await Promise.all(
    [false, true].map(async (isExpired) =>
      reverseProxy(await authority.issue("registry", { hosts: ["127.0.0.1"], isExpired }), container),
    ),
  );
  const [port = 0, expiredPort = 0] = fronts.map((front) => (front.address() as AddressInfo).port);
  return {
    port,
    expiredPort,
    async stop() {
      for (const front of fronts) {
        front.closeAllConnections();
        front.close();
      }
      await stopContainers([container]);
    },
  };
}

/** What stands in front of a registry in a cluster: TLS and basic authentication, and the registry behind it. */
async function reverseProxy(certificate: Issued, registry: StartedTestContainer): Promise<Server> {
  const { username, password } = registryUser;
  const expected = Buffer.from(`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`);
  const isKnown = (stated = "") => stated.length === expected.length && timingSafeEqual(Buffer.from(stated), expected);
  const server = createServer(certificate, (incoming, answer) => {
    if (!isKnown(incoming.headers.authorization)) {
      answer.writeHead(401, { "www-authenticate": "Basic", "content-type": "application/json" });
      return void answer.end(JSON.stringify({ error_code: 401, message: "Unauthorized" }));
    }
    const { authorization: _, host: __, ...headers } = incoming.headers;
    const target = { host: "127.0.0.1", port: registry.getMappedPort(8080), path: `/apis/ccompat/v7${incoming.url}` };
    const passed = request({ ...target, method: incoming.method, headers }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    incoming.pipe(passed);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}
