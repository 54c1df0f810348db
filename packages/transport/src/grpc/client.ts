import type { GrpcDefinition, MethodName, RequestOf, ResponseOf } from "./definition.ts";

/** ASK: one other service, over gRPC, through discovery and the whole policy chain. */
export interface GrpcClient<Definition extends GrpcDefinition> {
  /** As in Consul: `warehouse-inventory-service`. */
  readonly service: string;
  /**
   * Asks and waits for one answer. Every attempt picks an instance anew, so a retry goes elsewhere. The call context goes along.
   * @param method as in code: `checkStock`
   * @throws the error that the other service answered with, as the same typed error with its details
   * @throws DependencyFailed when it did not answer, or only with a failure of its own, within the budget
   */
  call<Name extends MethodName<Definition>>(
    method: Name,
    request: RequestOf<Definition, Name>,
    options?: GrpcCallOptions,
  ): Promise<ResponseOf<Definition, Name>>;
}

export interface GrpcCallOptions {
  /** The whole budget, retries included, in milliseconds; the deadline of the current call context cuts it. @defaultValue the client's */
  timeoutMs?: number;
  /** Whether doing it twice is the same as doing it once, which is what allows retries. @defaultValue false */
  isRepeatable?: boolean;
  signal?: AbortSignal;
}
