import type { Server } from "@grpc/grpc-js";
import type { HealthImplementation } from "grpc-health-check";
import type { Readiness } from "../server/gate.ts";
import { type HealthReport, healthAnswer } from "../server/health.ts";

/** `grpc.health.v1`: overall (the empty name) and per service, always the same, since one process serves them all. */
export interface GrpcHealth {
  addTo(server: Server): Promise<void>;
  /** Tells what is so now. */
  refresh(): void;
  stop(): void;
}

interface GrpcHealthOptions {
  /** What the process knows of its own state. Absent: healthy. */
  report: (() => Promise<HealthReport>) | undefined;
  readiness: () => Readiness;
  /** How often the process is asked whether it is wedged, in milliseconds; the other changes are told at once. @defaultValue 5000 */
  askEveryMs?: number;
}

export function grpcHealth(
  services: readonly string[],
  { report, readiness, askEveryMs = 5000 }: GrpcHealthOptions,
): GrpcHealth {
  let implementation: HealthImplementation | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isWedged = false;

  function refresh(): void {
    const status = readiness().is === "ready" && !isWedged ? "SERVING" : "NOT_SERVING";
    for (const name of ["", ...services]) implementation?.setStatus(name, status);
  }

  return {
    refresh,
    async addTo(server) {
      const { HealthImplementation } = await import("grpc-health-check");
      implementation = new HealthImplementation();
      refresh();
      implementation.addToServer(server);
      if (!report) return;
      timer = setInterval(async () => {
        isWedged = !(await healthAnswer(report, { is: "ready" })).ready;
        refresh();
      }, askEveryMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}
