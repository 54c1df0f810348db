import { DependencyFailed, type Logger, type Metrics, noMetrics, type ServiceIdentity, withDefaults } from "@weft/core";
import type { Registry, ServiceInstance } from "@weft/discovery";
import { callHeaders } from "../context/headers.ts";
import { RequestNotEncodable, RequestNotSendable } from "../errors/not-sent.ts";
import type { Attempt } from "../policy/attempt.ts";
import { type PolicyOptions, policy, type TargetSnapshot } from "../policy/policy.ts";
import { isTheCallersFault } from "../policy/verdict.ts";
import type { GrpcCallOptions, GrpcClient } from "./client.ts";
import { connections } from "./connections.ts";
import type { GrpcDefinition, MethodName, RequestOf, ResponseOf } from "./definition.ts";
import { GrpcClientOptionsInvalid } from "./errors.ts";
import { grpcCodes, kindToGrpc } from "./status.ts";
import { type GrpcAnswer, outcomeOf } from "./verdict.ts";

export interface GrpcClientOptions<Definition extends GrpcDefinition>
  extends Omit<PolicyOptions, "service" | "portOf"> {
  /** `discovery:///warehouse-inventory-service` */
  target: string;
  /** As generated: `inventoryV1.InventoryServiceDefinition`. */
  definition: Definition;
  /** Bound of making a connection, in milliseconds. @defaultValue 1000 */
  connectTimeoutMs?: number;
  /** Largest answer, in bytes. @defaultValue 16777216 */
  answerLimitBytes?: number;
}

const defaults = { connectTimeoutMs: 1000, answerLimitBytes: 16 * 1_048_576 };

/**
 * ASK: one service over gRPC, through discovery and the same policy chain as HTTP (`policy/policy.ts` has the order). Only
 * instances that have registered a gRPC port are asked. The call context goes along by itself.
 * @throws GrpcClientOptionsInvalid with every problem together
 */
export function grpcClient<Definition extends GrpcDefinition>(
  parts: { registry: Registry; log: Logger; metrics?: Metrics; identity: ServiceIdentity },
  options: GrpcClientOptions<Definition>,
): GrpcClient<Definition> & { close(): Promise<void>; snapshot(): TargetSnapshot } {
  const { identity, metrics = noMetrics } = parts;
  const { definition, target, ...policyOptions } = options;
  const { connectTimeoutMs, answerLimitBytes } = withDefaults(defaults, options);
  const service = checkOptions(options);
  const chain = policy(parts, { ...policyOptions, service, portOf: ({ grpcPort }) => grpcPort });
  const open = connections({ connectTimeoutMs, answerLimitBytes });
  const stopForgetting = parts.registry.watch(service).onChange(({ instances }) => open.keepOnly(instances));
  const duration = metrics.histogram(
    "weft_grpc_client_duration_seconds",
    "Time of a whole call, retries included",
    ["service", "method", "outcome"],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );

  /** One call over one kept connection, to the address that discovery has checked. */
  function attempt(operation: string, message: Buffer): Attempt<GrpcAnswer> {
    return async (to: ServiceInstance, { signal, timeoutMs }) => {
      const headers = callHeaders("grpc", identity, to);
      const answer = await open.unary(to, { path: `/${operation}`, message, headers, timeoutMs, signal });
      switch (answer.kind) {
        case "message":
          return { kind: "answer", answer, verdict: { instance: "good", again: "never" } };
        case "status":
          return outcomeOf(answer, answerLimitBytes);
        case "no-connection":
          return { kind: "failure", cause: "connect", verdict: { instance: "bad", again: "not-done" } };
      }
    };
  }

  return {
    service,

    async call<Name extends MethodName<Definition>>(
      name: Name,
      request: RequestOf<Definition, Name>,
      { timeoutMs, isRepeatable = false, signal }: GrpcCallOptions = {},
    ): Promise<ResponseOf<Definition, Name>> {
      const method = definition.methods[name]!;
      const operation = `${definition.fullName}/${method.name}`;
      assertSendable(service, callHeaders("grpc", identity, { service, instanceId: "" }));
      const message = encoded(service, () => method.requestType.encode(request).finish());
      const started = performance.now();
      const outcome = await chain.call({ attempt: attempt(operation, message), isRepeatable, timeoutMs, signal });
      if (outcome.kind === "own-fault") throw outcome.error;
      const label = outcome.kind === "failure" ? outcome.cause : codeOf(outcome.answer);
      duration.observe((performance.now() - started) / 1000, { service, method: operation, outcome: label });
      if (outcome.kind === "failure") {
        if (signal?.aborted) throw signal.reason;
        throw new DependencyFailed({ service, operation, cause: outcome.cause }, { cause: outcome.error });
      }
      const { answer } = outcome;
      if (answer.kind === "error") {
        if (isTheCallersFault(answer.error.kind)) throw answer.error;
        const cause = `status_${grpcCodes[kindToGrpc(answer.error.kind)]}` as const;
        const { retryAfterSeconds } = answer.error;
        throw new DependencyFailed(
          { service, operation, cause },
          { cause: answer.error, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
        );
      }
      try {
        return method.responseType.decode(answer.message);
      } catch (error) {
        throw new DependencyFailed({ service, operation, cause: "bad_answer" }, { cause: error });
      }
    },

    snapshot: () => chain.snapshot(),

    async close() {
      stopForgetting();
      chain.close();
      open.close();
    },
  };
}

const codeOf = (answer: GrpcAnswer): string => (answer.kind === "message" ? "OK" : kindToGrpc(answer.error.kind));

const isPrintable = (value: string) => /^[\x20-\x7e]*$/.test(value);

/** @throws RequestNotSendable before an instance is picked: it says nothing about any of them */
function assertSendable(service: string, headers: Record<string, string>): void {
  const [name] = Object.entries(headers).find(([, value]) => !isPrintable(value)) ?? [];
  if (name !== undefined) {
    const reason = `${name} has a character that metadata cannot carry`;
    throw new RequestNotSendable({ what: `a call of ${service}`, reason });
  }
}

/** @throws RequestNotEncodable */
function encoded(service: string, encode: () => Uint8Array): Buffer {
  try {
    return Buffer.from(encode());
  } catch (cause) {
    throw new RequestNotEncodable({ service }, { cause });
  }
}

/** @returns the service that is meant */
function checkOptions(options: GrpcClientOptions<GrpcDefinition>): string {
  const problems: string[] = [];
  const [, service] = /^discovery:\/\/\/([A-Za-z0-9][A-Za-z0-9._-]{0,127})$/.exec(options.target) ?? [];
  if (service === undefined) problems.push(`target ${options.target} is not discovery:///<service>`);
  for (const name of [
    "timeoutMs",
    "attemptTimeoutMs",
    "connectTimeoutMs",
    "answerLimitBytes",
    "maxInFlight",
  ] as const) {
    const value = options[name];
    if (value !== undefined && !(value > 0)) problems.push(`${name} must be above 0`);
  }
  for (const { name, requestStream, responseStream } of Object.values(options.definition.methods)) {
    if (requestStream || responseStream) problems.push(`${name} is a stream; only calls are made`);
  }
  if (problems.length > 0) throw new GrpcClientOptionsInvalid({ problems });
  return service!;
}
