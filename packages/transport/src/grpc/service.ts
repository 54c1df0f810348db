import type { CallContext } from "@weft/core";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { GrpcDefinition, GrpcMethodDefinition, MethodName, RequestOf, ResponseOf } from "./definition.ts";

/** One method: what it takes and the function that does it. Everything else about gRPC is the server's. */
export interface GrpcMethod<Request, Response> {
  /** JSON Schema (draft 7) of the decoded message, in camel case. What it refuses is reported in snake case, as in the proto. */
  request: JsonSchema;
  /** Codes of the errors that this method adds to the common ones. Any other reaches the caller as the common one of its kind. */
  errors?: string[];
  /** Bound of the whole call, in milliseconds. @defaultValue the server's */
  timeoutMs?: number;
  handle(call: { request: Request; context: CallContext }): Promise<Response>;
}

export type GrpcMethods<Definition extends GrpcDefinition> = {
  [Name in MethodName<Definition>]: GrpcMethod<RequestOf<Definition, Name>, ResponseOf<Definition, Name>>;
};

/** A service as a server serves it: every method of its definition with what does it. */
export interface GrpcService {
  /** `inventory.v1.InventoryService` */
  readonly name: string;
  readonly methods: readonly GrpcServiceMethod[];
}

export interface GrpcServiceMethod {
  /** `CheckStock` */
  readonly name: string;
  readonly definition: GrpcMethodDefinition;
  // biome-ignore lint/suspicious/noExplicitAny: a list of methods holds messages of every type
  readonly implementation: GrpcMethod<any, any>;
}

/** Joins a generated definition with its methods; none may be missing. Streams are not served. */
export function grpcService<Definition extends GrpcDefinition>(
  definition: Definition,
  methods: GrpcMethods<Definition>,
): GrpcService {
  return {
    name: definition.fullName,
    methods: Object.entries(definition.methods).map(([name, method]) => ({
      name: method.name,
      definition: method,
      implementation: methods[name as MethodName<Definition>],
    })),
  };
}
