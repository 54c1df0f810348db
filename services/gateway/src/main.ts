import { plainService } from "@weft/service-kit/plain";
import { redisMemory } from "@weft/service-kit/redis";
import { buildGateway } from "./app.ts";
import { type GatewaySections, gatewaySections, missingSettings, namesOf } from "./config.ts";
import { keyFile } from "./key-file.ts";
import { keySet } from "./key-set.ts";

const service = plainService<GatewaySections>(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  sections: gatewaySections,
  missing: (config) => missingSettings(config.own as GatewaySections),
});
const { log, metrics, registry, identity, config } = service;
const { auth, cors, limits, forward } = config.own;

const milliseconds = (text: string) => Number.parseInt(text, 10) * (text.endsWith("ms") ? 1 : 1000);
const bounds = {
  read: { timeoutMs: milliseconds(forward.read), attemptTimeoutMs: milliseconds(forward.attempt) },
  // The service bounds its own writes; cutting one earlier would only hide how it ended.
  write: { timeoutMs: milliseconds(forward.write), attemptTimeoutMs: milliseconds(forward.write) },
};

const gateway = buildGateway(
  {
    registry,
    log,
    metrics,
    ...(config.redis ? { memory: redisMemory({ log }, config.redis) } : {}),
    keys: auth.jwks_url
      ? keySet({ log }, { url: auth.jwks_url })
      : keyFile({ log }, { path: auth.key_file ?? "", isMade: config.environment === "development" }),
    clientFor: (name, kind) => service.httpClient(name, bounds[kind]),
  },
  {
    name: identity.name,
    version: identity.version,
    issuer: auth.issuer,
    audience: auth.audience,
    claims: {
      subject: auth.claims?.subject,
      role: auth.claims?.role,
      admin: namesOf(auth.claims?.admin),
      customer: namesOf(auth.claims?.customer),
    },
    rate: limits.rate,
    trustedProxies: limits.trusted_proxies ?? 0,
  },
);

const origins = namesOf(cors?.origins);
await service.run({
  ...gateway,
  isEdge: true,
  ...(origins ? { cors: { origins, maxAgeSeconds: milliseconds(cors?.max_age ?? "600s") / 1000 } } : {}),
});
