import { type StartOptions, startContainer } from "./container.ts";
import { hostPort } from "./host-port.ts";
import { imageOf, tagVersion } from "./images.ts";
import type { Infrastructure } from "./server.ts";

interface ConsulContainerOptions {
  /** ACLs with deny as the default, and the secret that may do everything. @defaultValue no ACLs */
  managementToken?: string;
}

const isAtLeast = (wantedMajor: number, wantedMinor: number) => {
  const [major = 0, minor = 0] = tagVersion(imageOf("WEFT_IMAGE_CONSUL"));
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

/** `ports` of an agent that has the host's network, besides its API's: two that it must have, and nothing else is opened there. */
export async function consulPorts(): Promise<Record<string, number>> {
  return {
    server: await hostPort(),
    serf_lan: await hostPort(),
    serf_wan: -1,
    dns: -1,
    grpc: -1,
    ...(isAtLeast(1, 14) ? { grpc_tls: -1 } : {}),
  };
}

/**
 * A Consul agent in development mode: its own server, everything in memory, so that it comes back empty. It has the host's
 * network, because the services that it checks listen on the loopback interface of the host.
 */
export async function consulContainer({
  managementToken,
  ...options
}: StartOptions & ConsulContainerOptions = {}): Promise<Infrastructure["consul"]> {
  const ports = await consulPorts();
  const started = await startContainer(
    (http) => ({
      name: "consul",
      image: "WEFT_IMAGE_CONSUL",
      environment: {
        CONSUL_LOCAL_CONFIG: JSON.stringify({
          ports: { http, ...ports },
          ...(managementToken === undefined
            ? {}
            : {
                acl: {
                  enabled: true,
                  default_policy: "deny",
                  tokens: { [isAtLeast(1, 11) ? "initial_management" : "master"]: managementToken },
                },
              }),
          log_level: "WARN",
        }),
      },
      command: ["agent", "-dev", "-client", "127.0.0.1", "-bind", "127.0.0.1"],
      async answers() {
        const ask = (path: string, headers: Record<string, string> = {}) =>
          fetch(`http://127.0.0.1:${http}${path}`, { headers, signal: AbortSignal.timeout(2_000) });
        // A leader makes the managing token a moment after it was elected.
        if (managementToken) return (await ask("/v1/acl/policies", { "X-Consul-Token": managementToken })).ok;
        return (await (await ask("/v1/status/leader")).text()).length > 2;
      },
    }),
    options,
  );
  return {
    ...started.server,
    url: `http://127.0.0.1:${started.port}`,
    restartEmpty: () => started.server.restart("immediate"),
  };
}
