import type { Component, Logger, Metrics } from "@weft/core";
import type { Registry } from "@weft/discovery";
import type { SharedMemory } from "@weft/service-kit/redis";
import type { HttpClient, LimitStrangers, RawRoute } from "@weft/transport";
import { authenticator } from "./authenticate.ts";
import type { ClaimNames } from "./claims.ts";
import { addressKey, clientAddress } from "./client-address.ts";
import { docsRoute } from "./docs.ts";
import { forwardRoute } from "./forward.ts";
import { rateLimit } from "./rate-limit.ts";
import { routeTable } from "./route-table.ts";
import { sharedRateLimit } from "./shared-rate-limit.ts";
import type { TokenKeys } from "./token-keys.ts";

export interface GatewayCollaborators {
  registry: Registry;
  keys: TokenKeys;
  clientFor: (service: string, kind: "read" | "write") => Pick<HttpClient, "forward">;
  /** Where gateways count together; absent: each for itself. */
  memory?: SharedMemory;
  log: Logger;
  metrics: Metrics;
}

export interface GatewayOptions {
  name: string;
  version: string;
  issuer: string;
  audience: string;
  claims?: ClaimNames;
  /** Requests a second for each subject or address. */
  rate: number | "off";
  trustedProxies: number;
}

/** Everything between the server and the services. */
export function buildGateway(
  { registry, keys, clientFor, memory, log, metrics }: GatewayCollaborators,
  { name, version, issuer, audience, claims, rate, trustedProxies }: GatewayOptions,
): { rawRoutes: RawRoute[]; limitStrangers: LimitStrangers; components: Component[][] } {
  const routes = routeTable({ registry, log }, { self: name });
  const limit = memory
    ? sharedRateLimit({ memory, metrics }, { perSecond: rate })
    : rateLimit({ metrics }, { perSecond: rate });
  const limitStrangers: LimitStrangers = ({ remoteAddress, headers }) => {
    const address = clientAddress(remoteAddress, headers["x-forwarded-for"]?.toString(), trustedProxies);
    return limit(`address ${addressKey(address)}`);
  };
  return {
    rawRoutes: [
      forwardRoute(
        {
          routes,
          clientFor,
          authenticate: authenticator({ keys }, { issuer, audience, ...(claims ? { claims } : {}) }),
          limit,
        },
        { trustedProxies },
      ),
      docsRoute({ routes, log, limitStrangers, clientFor: (service) => clientFor(service, "read") }, { version }),
    ],
    limitStrangers,
    components: [[keys, routes, ...(memory ? [memory] : [])]],
  };
}
