import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { silentLogger } from "@weft/core";
import { type ConsulRegistryOptions, consulRegistry } from "../consul/consul-registry.ts";
import { type FakeConsul, fakeConsul } from "./fake-consul.ts";

/** What a test leaves to `cleanUp`, which belongs into its `afterEach`. */
export const cleanups: (() => unknown)[] = [];

export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

export async function consul(): Promise<FakeConsul> {
  const fake = await fakeConsul();
  cleanups.push(() => fake.close());
  return fake;
}

export function registryAt(url: string, options: Partial<ConsulRegistryOptions> = {}) {
  const registry = consulRegistry(
    { log: silentLogger },
    { url, maxBackoffMs: 200, emptyProbeMs: 60, selfCheckMs: 80, ...options },
  );
  cleanups.push(() => registry.stop());
  return registry;
}

/** Something that accepts connections, as a service does. */
export async function listener(): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => socket.on("error", () => {}).destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, server };
}
