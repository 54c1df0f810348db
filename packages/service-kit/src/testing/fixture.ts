// A process for `run-service.mesh.test.ts`: the real server and lifecycle, a registry that only writes down what it is asked,
// and a component that behaves as FIXTURE says.
import { type Component, createLogger, defineError } from "@weft/core";
import type { Registry } from "@weft/discovery";
import { httpServer } from "@weft/transport";
import { loadServiceConfig } from "../config.ts";
import { registrationOf } from "../registration.ts";
import { runService } from "../run-service.ts";

const Broken = defineError({ code: "BROKEN", kind: "invalid", message: () => "migration 3 is broken" });
const behaviour = process.env.FIXTURE ?? "";
const identity = { name: "fixture-service", version: "1.2.3", instanceId: "fixture-1" };
const log = createLogger(identity);
const config = loadServiceConfig({ file: process.env.FIXTURE_CONFIG! });

// Two signals of a kind that wait together are one: who sends a second has to know that the first was heard, and survived.
process.on("SIGTERM", () => setImmediate(() => log.info("goes on after SIGTERM")));

const component: Component = {
  name: "part",
  async start() {
    if (behaviour === "broken") throw new Broken();
    if (behaviour === "bug") throw new TypeError("not foreseen");
  },
  async stop() {
    if (behaviour === "hangs") await new Promise(() => {});
    log.info("part stopped");
  },
};

const registry = {
  name: "registry",
  async start() {},
  async stop() {},
  async register(registration) {
    log.info({ registration }, "asked to register");
    return async () => log.info("asked to deregister");
  },
} as Partial<Registry> as Registry;

await runService(
  {
    log,
    registry,
    server: (health) =>
      httpServer(
        { log, identity },
        {
          addr: `127.0.0.1:${config.http.port}`,
          health,
          routes: [
            {
              method: "GET",
              path: "/v1/slow",
              summary: "Answers after a while",
              async handle() {
                log.info("slow has begun");
                await new Promise((resolve) => setTimeout(resolve, 400));
                return { data: { slow: true } };
              },
            },
            {
              method: "POST",
              path: "/v1/fault",
              summary: "Fails where nobody looks",
              async handle() {
                setTimeout(() => void Promise.reject(new Error("nobody looks")), 0);
                return { data: {} };
              },
            },
          ],
        },
      ),
  },
  {
    identity,
    components: [component],
    registration: (addresses) => registrationOf(config, identity, addresses),
    drainWaitMs: 50,
    stopWithinMs: 20_000,
  },
);
