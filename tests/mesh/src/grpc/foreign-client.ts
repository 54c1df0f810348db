import { fileURLToPath } from "node:url";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import {
  loadSync,
  type MessageTypeDefinition,
  type PackageDefinition,
  type ServiceDefinition,
} from "@grpc/proto-loader";
import type { MeshFixture } from "../http/mesh-fixture.ts";

/** What came back, as a client in any language would read it. */
export interface GrpcAnswer {
  /** Name of the gRPC status: `OK`, `NOT_FOUND`. */
  status: string;
  message?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
  response?: any;
  /** `reason` of ErrorInfo in google.rpc.Status. */
  code?: string;
  /** `metadata` of ErrorInfo. */
  details?: Record<string, string>;
  /** Of BadRequest: the fields that are wrong, sorted. */
  fields?: string[];
  metadata?: Metadata;
}

export interface GrpcRequestOptions {
  metadata?: Record<string, string>;
  /** @defaultValue 10000 */
  timeoutMs?: number;
}

const options = {
  keepCase: true,
  includeDirs: [fileURLToPath(new URL("../../../../schemas/proto", import.meta.url))],
  defaults: true,
  arrays: true,
};

/**
 * A client that nobody here wrote (grpc-js and proto-loader over `schemas/proto`), past discovery, at the address that the
 * mesh tells. A request that is a `Buffer` is sent as it is, and a method that is in no proto is asked for nevertheless.
 * `foreignClient(mesh, { service: "catalog-service", proto: "catalog/v1/catalog.proto", name: "catalog.v1.Catalog" })`
 */
export function foreignClient(
  mesh: MeshFixture,
  { service, proto, name }: { service: string; proto: string; name: string },
) {
  const types = loadSync([proto, "google/rpc/status.proto", "google/rpc/error_details.proto"], options);
  const methods = types[name] as ServiceDefinition;
  return async (method: string, request: object, { metadata = {}, timeoutMs = 10_000 }: GrpcRequestOptions = {}) => {
    const address = mesh.mesh.runtime().services.find((one) => one.name === service)!.grpc!;
    const known = methods[method];
    const path = known?.path ?? `/${name}/${method}`;
    const serialize =
      Buffer.isBuffer(request) || !known ? () => Buffer.from(request as Buffer) : known.requestSerialize;
    const client = new Client(address, credentials.createInsecure());
    const sent = new Metadata();
    for (const [key, value] of Object.entries(metadata)) sent.set(key, value);
    return new Promise<GrpcAnswer>((resolve) => {
      const deadline = Date.now() + timeoutMs;
      client.makeUnaryRequest(
        path,
        serialize,
        known?.responseDeserialize ?? ((bytes) => bytes),
        request,
        sent,
        { deadline },
        (error, value) => {
          client.close();
          resolve(error ? refusal(types, error) : { status: "OK", response: value });
        },
      );
    });
  };
}

function refusal(types: PackageDefinition, { code, details: message, metadata }: ServiceError): GrpcAnswer {
  const decode = <T>(type: string, bytes: Buffer) =>
    (types[type] as MessageTypeDefinition<object, object>).deserialize(bytes) as T;
  const [bytes] = metadata.get("grpc-status-details-bin") as Buffer[];
  const rich = bytes && decode<{ details: { type_url: string; value: Buffer }[] }>("google.rpc.Status", bytes);
  const detail = <T>(type: string): T | undefined => {
    const found = rich?.details.find(({ type_url }) => type_url === `type.googleapis.com/${type}`);
    return found && decode<T>(type, found.value);
  };
  const info = detail<{ reason: string; metadata: Record<string, string> }>("google.rpc.ErrorInfo");
  const wrong = detail<{ field_violations: { field: string }[] }>("google.rpc.BadRequest");
  return {
    status: status[code]!,
    message,
    metadata,
    ...(info ? { code: info.reason, details: info.metadata } : {}),
    ...(wrong ? { fields: wrong.field_violations.map(({ field }) => field).sort() } : {}),
  };
}
