import type { Deviations } from "./scripts.ts";

/** Where Consul 1.8.7, Debian's, answers otherwise than newer ones, which the embedded one follows. Also in `packages/embedded/README.md`. */
export const oldConsulDeviations: Deviations = {
  "says that an unknown service is unknown": "to deregister a service that there is not is 200, newer ones say 404",
  "lists checks by service and by state":
    "`/v1/health/state/` knows every state: one that is none is 200 and an empty list, newer ones say 400",
};
