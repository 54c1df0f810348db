import type * as grpcJs from "@grpc/grpc-js";
import {
  BadRequest,
  type CallContext,
  type Component,
  errorKinds,
  type Logger,
  type Metrics,
  noMetrics,
  option,
  PayloadTooLarge,
  runInContext,
  type ServiceIdentity,
  ServiceUnavailable,
  takeOptions,
  WeftError,
} from "@weft/core";
import { assertCallHeaders, contextFrom, contextHeaders, type IncomingHeaders } from "../context/headers.ts";
import { isInternal, publicError, thrown } from "../errors/public-error.ts";
import { type SchemaCheck, schemaChecks } from "../schema/check.ts";
import { assertHarmless } from "../schema/harmless.ts";
import { addrRule, listenFailed, parseAddr } from "../server/addr.ts";
import { gate } from "../server/gate.ts";
import type { HealthReport } from "../server/health.ts";
import { drainGrpc } from "./drain.ts";
import { loadGrpcJs } from "./grpc-js.ts";
import { grpcHealth } from "./health.ts";
import { addReflection } from "./reflection.ts";
import type { GrpcService, GrpcServiceMethod } from "./service.ts";
import { snakeCasePath } from "./snake-case.ts";
import { encodeStatus } from "./status.ts";

export interface GrpcServerOptions {
  /** Where to listen: `127.0.0.1:9003`; port 0 takes a free one. */
  addr: string;
  /** What to change when `addr` is taken, for the error. @defaultValue "server.grpc.addr" */
  addrSetting?: string;
  services: readonly GrpcService[];
  /** The protos behind `services` as a serialized `FileDescriptorSet`. Absent: no server reflection. */
  descriptorSet?: Uint8Array;
  /** What the process knows of its own state, for `grpc.health.v1`. Absent: healthy. */
  health?: () => Promise<HealthReport>;
  /** Bound of a call, in milliseconds; a method may have its own, and the caller's deadline cuts both. @defaultValue 15000 */
  timeoutMs?: number;
  /** Largest message that comes in, in bytes, at most 4194304. @defaultValue 1048576 */
  messageLimitBytes?: number;
  /** Calls worked on at once; more are answered UNAVAILABLE. Health and reflection are exempt. @defaultValue 1000 */
  maxConcurrent?: number;
  /** How long `stop` waits for calls in hand before it cuts them, in milliseconds. @defaultValue 10000 */
  drainTimeoutMs?: number;
}

/** Up to here a message that is too large is read, so that its caller gets the usual error; beyond, grpc-js refuses it itself. */
const hardMessageLimitBytes = 4_194_304;
const maxMetadataBytes = 16_384;

const rules = {
  addr: addrRule,
  addrSetting: { ...option.text(), default: "server.grpc.addr" },
  timeoutMs: option.milliseconds(15_000),
  messageLimitBytes: option.count(1_048_576, { to: hardMessageLimitBytes }),
  maxConcurrent: option.count(1000),
  drainTimeoutMs: option.milliseconds(10_000, { from: 0 }),
};

const connectionOptions: grpcJs.ServerOptions = {
  "grpc.max_receive_message_length": hardMessageLimitBytes,
  "grpc.max_concurrent_streams": 1000,
  // A peer that is gone without a word is found within 15 s (failure-modes C8).
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5000,
  "grpc.enable_channelz": 0,
};

export interface GrpcServer extends Component {
  /** Where it listens. @throws before `start` */
  address(): { host: string; port: number };
  /** Opens the gate (`true`), or says why it is still closed: until then every method but health and reflection is UNAVAILABLE. */
  setReady(ready: true | string): void;
  /** Health says NOT_SERVING from now on; calls are still answered. */
  beginDraining(): void;
  /** Takes no new connection, tells every client to go away, and finishes what is in hand. Resolves to the number of calls cut. */
  drain(timeoutMs?: number): Promise<number>;
}

export interface GrpcServerParts {
  log: Logger;
  identity: ServiceIdentity;
  metrics?: Metrics;
}

/** How a call ended: the message that answers it, or what went wrong. */
type Ending = { kind: "answer"; message: Buffer } | { kind: "error"; error: WeftError };
type UnaryCall = grpcJs.ServerUnaryCall<Buffer, Buffer>;

/**
 * ASK, the answering side: what `httpServer` does for HTTP, for gRPC. A call passes, in this order: size of the metadata →
 * who is meant → ready and below the concurrency limit → deadline → size, form and schema of the message → the method's
 * function. Errors leave as `google.rpc.Status` (`grpc/status.ts`).
 * @throws OptionsInvalid with every problem together   `start` throws ListenFailed
 */
export function grpcServer(parts: GrpcServerParts, options: GrpcServerOptions): GrpcServer {
  const { log, identity, metrics = noMetrics } = parts;
  const checks = new Map<Implementation, SchemaCheck>();
  const settings = takeOptions("grpcServer", rules, options, ({ services }, wrong) =>
    checkServices(services, checks, wrong),
  );
  const names = settings.services.map(({ name }) => name);

  const duration = metrics.histogram(
    "weft_grpc_server_duration_seconds",
    "Time from the call's message to its status",
    ["method", "status"],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  );
  const inFlight = metrics.gauge("weft_grpc_server_in_flight", "Calls that are worked on now");
  const shed = metrics.counter("weft_grpc_server_shed_total", "Calls refused because too many were in hand");
  const door = gate({ log, inFlight, shed }, settings);
  const health = grpcHealth(names, { report: settings.health, readiness: door.readiness });
  /** Answers that are still owed: each is given by calling it. */
  const owed = new Set<(ending: Ending) => void>();
  let server: grpcJs.Server | undefined;
  let listening: { host: string; port: number } | undefined;

  function serve(path: string, method: GrpcServiceMethod, newMetadata: () => grpcJs.Metadata) {
    return async (call: UnaryCall, answer: grpcJs.sendUnaryData<Buffer>): Promise<void> => {
      const started = performance.now();
      const headers = headersOf(call.metadata);
      const deadline = deadlineOf(call, method.implementation.timeoutMs ?? settings.timeoutMs);
      const context: CallContext = { ...contextFrom("grpc", headers), deadline };
      const ended = Promise.withResolvers<Ending>();
      owed.add(ended.resolve);
      end(path, method, call, headers, context).then(ended.resolve);
      const ending = await ended.promise;
      owed.delete(ended.resolve);
      const metadata = newMetadata();
      metadata.set(contextHeaders.requestId, context.requestId);
      let status = "OK";
      if (ending.kind === "answer") {
        call.sendMetadata(metadata);
        answer(null, ending.message);
      } else {
        const { code, message, details } = encodeStatus(ending.error, identity.name);
        metadata.set("grpc-status-details-bin", details);
        answer({ code, details: message, metadata });
        status = errorKinds[ending.error.kind].grpc;
      }
      const seconds = (performance.now() - started) / 1000;
      duration.observe(seconds, { method: path, status });
      const line = { method: path, status, ms: Math.round(seconds * 10_000) / 10 };
      const isOurs = ending.kind === "error" && errorKinds[ending.error.kind].http >= 500;
      runInContext(context, () => log[isOurs ? "info" : "debug"](line, "answered"));
    };
  }

  /** Never throws. */
  async function end(
    path: string,
    { definition, implementation }: GrpcServiceMethod,
    call: UnaryCall,
    headers: IncomingHeaders,
    context: CallContext,
  ): Promise<Ending> {
    try {
      assertMetadataFits(headers);
      assertCallHeaders("grpc", headers, identity);
      const response = await door.admit(context, path, async () => {
        if (call.request.length > settings.messageLimitBytes) {
          throw new PayloadTooLarge({ limitBytes: settings.messageLimitBytes });
        }
        const request = decode(definition.requestType, call.request);
        assertHarmless(request, "message", (field) => snakeCasePath(field, implementation.request));
        checks.get(implementation)!(request, "message");
        return implementation.handle({ request, context });
      });
      return { kind: "answer", message: Buffer.from(definition.responseType.encode(response).finish()) };
    } catch (error) {
      const known = thrown(error);
      const shown = publicError(known, implementation.errors);
      if (shown !== known) {
        const level = isInternal(known.kind) ? "error" : "warn";
        runInContext(context, () => log[level]({ err: error, method: path }, "a call failed"));
      }
      return { kind: "error", error: shown };
    }
  }

  function cutAll(): void {
    const error = new ServiceUnavailable({ message: "the service stopped before the call ended" });
    for (const give of owed) give({ kind: "error", error });
  }

  const component: GrpcServer = {
    name: "grpc",
    async start() {
      const { Metadata, Server, ServerCredentials } = await loadGrpcJs();
      const starting = new Server(connectionOptions);
      for (const service of settings.services) {
        const paths = service.methods.map((method) => [`${service.name}/${method.name}`, method] as const);
        starting.addService(
          Object.fromEntries(paths.map(([path, method]) => [method.name, bytesOnly(path)])),
          Object.fromEntries(paths.map(([path, method]) => [method.name, serve(path, method, () => new Metadata())])),
        );
      }
      await health.addTo(starting);
      if (settings.descriptorSet) await addReflection(starting, settings.descriptorSet, names);
      const { host = "0.0.0.0", port: wanted } = parseAddr(settings.addr)!;
      const port = await new Promise<number>((resolve, reject) => {
        const addr = `${host.includes(":") ? `[${host}]` : host}:${wanted}`;
        starting.bindAsync(addr, ServerCredentials.createInsecure(), (error, bound) =>
          error ? reject(listenFailed(settings.addr, settings.addrSetting, error)) : resolve(bound),
        );
      });
      server = starting;
      listening = { host, port };
      log.info({ host, port }, "gRPC server listens");
    },
    async stop() {
      const cut = await component.drain();
      if (cut > 0) log.warn({ cut }, "calls were cut because they did not end in time");
    },
    health: () => ({ status: "healthy", details: { inHand: door.inHand(), limit: settings.maxConcurrent } }),
    address() {
      if (!listening) throw new Error("the gRPC server has not started");
      return listening;
    },
    setReady(ready) {
      door.setReady(ready);
      health.refresh();
    },
    beginDraining() {
      door.beginDraining();
      health.refresh();
    },
    async drain(timeoutMs = settings.drainTimeoutMs) {
      component.beginDraining();
      health.stop();
      return server ? drainGrpc(server, { owed: () => owed.size, cut: cutAll }, timeoutMs) : 0;
    },
  };
  return component;
}

/** Messages pass grpc-js as bytes, so that decoding and its errors are this server's own. */
function bytesOnly(path: string): grpcJs.MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer) => bytes;
  return {
    path: `/${path}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function decode(type: GrpcServiceMethod["definition"]["requestType"], bytes: Buffer): unknown {
  try {
    return type.decode(bytes);
  } catch (error) {
    throw new BadRequest({ message: "the message cannot be decoded" }, { cause: error });
  }
}

/** gRPC's deadline is a moment of the wall clock, ours one of a clock that does not jump. */
function deadlineOf(call: UnaryCall, timeoutMs: number): number {
  const leftMs = Number(call.getDeadline()) - Date.now();
  return performance.now() + Math.min(timeoutMs, leftMs);
}

function headersOf(metadata: grpcJs.Metadata): IncomingHeaders {
  return Object.fromEntries(
    Object.entries(metadata.toJSON()).map(([name, values]) => [
      name,
      values.length === 1 ? String(values[0]) : values.map(String),
    ]),
  );
}

function assertMetadataFits(headers: IncomingHeaders): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) bytes += name.length + String(value).length;
  if (bytes <= maxMetadataBytes) return;
  throw new WeftError({
    code: "PAYLOAD_TOO_LARGE",
    kind: "too-large",
    message: `the metadata is larger than ${maxMetadataBytes} bytes`,
    details: { limit_bytes: maxMetadataBytes },
  });
}

type Implementation = GrpcServiceMethod["implementation"];

/** Compiles every schema now, so that a broken one stops the start and not a call. */
function checkServices(
  services: readonly GrpcService[],
  checks: Map<Implementation, SchemaCheck>,
  wrong: (field: string, problem: string) => void,
): void {
  const seen = new Set<string>();
  for (const { name, methods } of services) {
    if (seen.has(name)) wrong(name, "is there twice");
    seen.add(name);
    for (const { name: method, definition, implementation } of methods) {
      const where = `${name}/${method}`;
      if (definition.requestStream || definition.responseStream) wrong(where, "is a stream; only calls are served");
      if (!implementation) {
        wrong(where, "has no function");
        continue;
      }
      const { timeoutMs } = implementation;
      const problem = timeoutMs === undefined ? undefined : rules.timeoutMs.problem(timeoutMs);
      if (problem) wrong(`${where} timeoutMs`, problem);
      const compiler = schemaChecks((path) => snakeCasePath(path, implementation.request));
      checks.set(implementation, compiler.compile(implementation.request, where));
      for (const [schema, broken] of Object.entries(compiler.problems)) wrong(schema, broken);
    }
  }
}
