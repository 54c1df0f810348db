import {
  DependencyFailed,
  errorKinds,
  type Logger,
  type Metrics,
  noMetrics,
  option,
  type ServiceIdentity,
  takeOptions,
} from "@weft/core";
import { AddressNotAllowed, anywhere, type Registry, type ServiceInstance } from "@weft/discovery";
import { callHeaders } from "../context/headers.ts";
import { assertBound, RequestNotEncodable, RequestNotSendable } from "../errors/not-sent.ts";
import { type Attempt, outside } from "../policy/attempt.ts";
import { checkGroups, policyRules } from "../policy/options.ts";
import { type PolicyOptions, policy, type TargetSnapshot } from "../policy/policy.ts";
import { isTheCallersFault } from "../policy/verdict.ts";
import type { GrpcCallOptions, GrpcClient } from "./client.ts";
import { connections } from "./connections.ts";
import type { GrpcDefinition, MethodName, RequestOf, ResponseOf } from "./definition.ts";
import { grpcCodes } from "./status.ts";
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

const { service: _, ...ofPolicy } = policyRules;
const rules = {
  ...ofPolicy,
  target: option.text(
    /^discovery:\/\/\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    "must be discovery:/// and the name of a service",
  ),
  connectTimeoutMs: option.milliseconds(1000),
  answerLimitBytes: option.count(16 * 1_048_576),
};

/**
 * ASK: one service over gRPC, through discovery and the same policy chain as HTTP (`policy/policy.ts` has the order). Only
 * instances that have registered a gRPC port are asked. The call context goes along by itself.
 * @throws OptionsInvalid
 */
export function grpcClient<Definition extends GrpcDefinition>(
  parts: { registry: Registry; log: Logger; metrics?: Metrics; identity: ServiceIdentity },
  options: GrpcClientOptions<Definition>,
): GrpcClient<Definition> & { close(): Promise<void>; snapshot(): TargetSnapshot } {
  const { identity, metrics = noMetrics } = parts;
  const settings = takeOptions("grpcClient", rules, options, (taken, wrong) => {
    checkGroups(taken, wrong);
    checkDefinition(taken.definition, wrong);
  });
  const { definition, target, connectTimeoutMs, answerLimitBytes, ...policyOptions } = settings;
  const service = target.slice(target.lastIndexOf("/") + 1);
  const chain = policy(parts, { ...policyOptions, service, portOf: ({ grpcPort }) => grpcPort });
  const open = connections({ connectTimeoutMs, answerLimitBytes, networks: parts.registry.networks ?? anywhere });
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
      const asked = { path: `/${operation}`, message, headers, timeoutMs, signal };
      const answer = await open.unary(to, asked).catch((error: unknown) => {
        if (AddressNotAllowed.is(error)) return { kind: "outside" as const, error };
        throw error;
      });
      switch (answer.kind) {
        case "message":
          return { kind: "answer", answer, verdict: { instance: "good", again: "never" } };
        case "status":
          return outcomeOf(answer, answerLimitBytes);
        case "outside":
          return outside(answer.error);
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
      assertBound(`a call of ${service}`, timeoutMs);
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
        const cause = `status_${grpcCodes[errorKinds[answer.error.kind].grpc]}` as const;
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

const codeOf = (answer: GrpcAnswer): string => (answer.kind === "message" ? "OK" : errorKinds[answer.error.kind].grpc);

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

function checkDefinition({ methods }: GrpcDefinition, wrong: (field: string, problem: string) => void): void {
  for (const { name, requestStream, responseStream } of Object.values(methods)) {
    if (requestStream || responseStream) wrong(`definition.${name}`, "is a stream; only calls are made");
  }
}
