import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { classify, type Logger, pauses, sleep } from "@weft/core";
import { RegistryRefused } from "../errors.ts";
import type { Registration } from "../registry.ts";
import type { AgentService, ConsulApi } from "./api.ts";

export interface RegistrationOptions {
  /** How often the agent is asked whether it still knows this instance, in milliseconds, with up to a quarter of jitter less. */
  selfCheckMs: number;
  /** Bound of one request, in milliseconds. */
  requestTimeoutMs: number;
  /** Longest pause between two failures, in milliseconds. */
  maxBackoffMs: number;
  /** Bound of the deregistration, in milliseconds. */
  deregisterTimeoutMs: number;
}

export interface RunningRegistration {
  registered: Promise<void>;
  /** What keeps it from being registered, while something does. */
  problem(): unknown;
  stop(): Promise<void>;
}

/**
 * Unregistered: registers, again and again with backoff until the agent takes it.
 * Registered: asks the agent from time to time; one that lost the instance, or has it elsewhere, is told again at once;
 * one that is away is asked again with backoff, and the instance counts as registered until it says otherwise.
 * Stopped: takes it out of the agent, once, for an agent that is away forgets or sweeps it later.
 */
export function keepRegistered(
  { log, api }: { log: Logger; api: ConsulApi },
  registration: Registration,
  options: RegistrationOptions,
): RunningRegistration {
  const { instanceId, service } = registration;
  const controller = new AbortController();
  const { signal } = controller;
  const first = Promise.withResolvers<void>();
  // Whoever registers may stop before it came to anything, and not look at the promise any more.
  first.promise.catch(() => {});
  const request = { timeoutMs: options.requestTimeoutMs, signal };
  let problem: unknown;
  let isRegistered = false;
  let isSwept = false;

  async function run(): Promise<void> {
    const backoff = pauses({ firstMs: 500, maxMs: options.maxBackoffMs, onRetry: tellFailure }, signal);
    while (!signal.aborted) {
      try {
        await assertRegistered();
        backoff.succeeded();
        problem = undefined;
        first.resolve();
        await untilNextCheck();
      } catch (error) {
        if (signal.aborted) return;
        problem = error;
        await backoff.failed(error);
      }
    }
  }

  async function assertRegistered(): Promise<void> {
    const known = await api.agentServices(request);
    if (!isSwept) await sweep(known);
    isSwept = true;
    if (!isSame(known[instanceId])) {
      if (isRegistered) log.warn({ service, instanceId }, "the agent lost this instance; registering it again");
      await register();
      if (!isRegistered)
        log.info({ service, instanceId, host: registration.host, port: registration.port }, "registered");
    }
    isRegistered = true;
  }

  const untilNextCheck = () => sleep(options.selfCheckMs * (1 - Math.random() / 4), signal);

  function tellFailure({ error, attempt }: { error: unknown; attempt: number }): void {
    if (classify(error) === "bug") log.error({ err: error, service, instanceId }, "the registration failed by a bug");
    else if (RegistryRefused.is(error)) log.error({ err: error, service, instanceId }, "the registration was refused");
    else if (attempt === 1)
      log.warn({ err: error, service, instanceId }, "Consul is away; the registration is tried again");
  }

  async function register(): Promise<void> {
    try {
      await api.register(agentRegistration(registration, { disableredirects: true }), request);
    } catch (error) {
      // An old agent (1.8) refuses what it does not know, and follows redirects whatever it is told.
      if (!RegistryRefused.is(error) || !error.message.includes('unknown field "DisableRedirects"')) throw error;
      await api.register(agentRegistration(registration, {}), request);
    }
  }

  function isSame(known: AgentService | undefined): boolean {
    return known !== undefined && known.Address === registration.host && known.Port === registration.port;
  }

  async function sweep(known: Record<string, AgentService>): Promise<void> {
    const namespace = pidNamespace();
    for (const other of Object.values(known)) {
      if (other?.Service !== service || other.ID === instanceId) continue;
      if (!isDeadPredecessor(other.Meta ?? {}, namespace)) continue;
      log.info({ service, instanceId: other.ID }, "taking a dead predecessor out of the registry");
      await api.deregister(other.ID, request);
    }
  }

  const running = run();

  return {
    registered: first.promise,
    problem: () => problem,
    async stop() {
      if (signal.aborted) return;
      controller.abort(new Error("the registration was ended"));
      first.reject(signal.reason);
      await running;
      try {
        await api.deregister(instanceId, { timeoutMs: options.deregisterTimeoutMs });
        log.info({ service, instanceId }, "deregistered");
      } catch (error) {
        log.warn({ err: error, service, instanceId }, "could not be deregistered; Consul's own check will take it out");
      }
    },
  };
}

/** When this process began: tells it from an earlier one that had its pid. */
const processStart = String(Math.round(performance.timeOrigin));

/** The namespace that this process's pid is of, such as `pid:[4026531836]`; nothing where the system does not tell. */
export function pidNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

/** As surfaces.md section 4 has it, and who the process is, so that a successor on the same host can clean up after it. */
function agentRegistration(registration: Registration, ofHttpCheck: { disableredirects?: true }) {
  const { service, instanceId, host, port, grpcPort, version, tags, metadata, check } = registration;
  const urlHost = host.includes(":") ? `[${host}]` : host;
  const timing = {
    interval: `${check.intervalMs}ms`,
    timeout: `${check.timeoutMs}ms`,
    deregistercriticalserviceafter: `${check.deregisterCriticalAfterMs}ms`,
    status: "passing",
  };
  const path = check.path ?? "/health/ready";
  const namespace = pidNamespace();
  return {
    name: service,
    id: instanceId,
    address: host,
    port,
    tags,
    meta: {
      ...metadata,
      version,
      ...(grpcPort === undefined ? {} : { grpc_port: String(grpcPort) }),
      pid: String(process.pid),
      host: hostname(),
      process_start: processStart,
      ...(namespace === undefined ? {} : { pid_namespace: namespace }),
    },
    checks: [
      {
        name: `HTTP ${path}`,
        checkid: `${instanceId}-http`,
        http: `http://${urlHost}:${port}${path}`,
        // Another process that took over this address answers 421, and the check fails (failure-modes C9).
        header: { "X-Weft-Target": [`${service}/${instanceId}`] },
        ...ofHttpCheck,
        ...timing,
      },
      ...(grpcPort === undefined
        ? []
        : [{ name: "gRPC health", checkid: `${instanceId}-grpc`, grpc: `${urlHost}:${grpcPort}`, ...timing }]),
    ],
  };
}

/**
 * Only of this host and pid namespace, where it can be known that no such process runs: containers on the host's network
 * share its name and do not see each other's processes.
 */
export function isDeadPredecessor(meta: Record<string, string>, namespace: string | undefined): boolean {
  if (meta.host !== hostname() || meta.pid_namespace !== namespace || !/^\d{1,10}$/.test(meta.pid ?? "")) return false;
  const pid = Number(meta.pid);
  if (pid === process.pid) return meta.process_start !== processStart;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
