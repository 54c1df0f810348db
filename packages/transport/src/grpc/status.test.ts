import { describe, expect, it } from "@jest/globals";
import { googleRpc } from "@weft/contracts/grpc";
import { definedErrors, type ErrorKind, errorKinds, type GrpcCode, ValidationFailed, WeftError } from "@weft/core";
import "../server/addr.ts";
import { decodeStatus, encodeStatus, grpcCodes } from "./status.ts";

const thereAndBack = (error: WeftError) => {
  const { code, message, details } = encodeStatus(error, "thing-service");
  return decodeStatus(code, message, details);
};

describe("kinds and gRPC codes", () => {
  it("find back to code, kind, words and details, for every error that there is", () => {
    const details = { reason: "min_order_amount", missing: 3, list: [{ deep: true }], nothing: null };
    for (const { code, kind, retryable } of definedErrors()) {
      const error = new WeftError({ code, kind, retryable, message: "wörds", details, retryAfterSeconds: 1.5 });
      const { error: back, hasInfo } = thereAndBack(error);
      expect(hasInfo).toBe(true);
      expect({ ...back.toBody(), kind: back.kind, after: back.retryAfterSeconds }).toEqual({
        ...{ code, kind, message: "wörds", details, after: 1.5 },
      });
      if (retryable) expect([code, back.retryable]).toEqual([code, true]);
    }
  });

  it.each<[ErrorKind, GrpcCode, string]>([
    ["invalid", "INVALID_ARGUMENT", "VALIDATION_ERROR"],
    ["unauthenticated", "UNAUTHENTICATED", "UNAUTHORIZED"],
    ["forbidden", "PERMISSION_DENIED", "FORBIDDEN"],
    ["not-found", "NOT_FOUND", "STOCK_NOT_FOUND"],
    ["method-not-allowed", "UNIMPLEMENTED", "METHOD_NOT_ALLOWED"],
    ["conflict", "FAILED_PRECONDITION", "INSUFFICIENT_STOCK"],
    ["exists", "ALREADY_EXISTS", "PRODUCT_EXISTS"],
    ["in-progress", "ABORTED", "REQUEST_IN_PROGRESS"],
    ["too-large", "RESOURCE_EXHAUSTED", "PAYLOAD_TOO_LARGE"],
    ["unsupported-media-type", "INVALID_ARGUMENT", "UNSUPPORTED_MEDIA_TYPE"],
    ["misdirected", "UNAVAILABLE", "MISDIRECTED_REQUEST"],
    ["key-reused", "FAILED_PRECONDITION", "IDEMPOTENCY_KEY_REUSED"],
    ["rate-limited", "RESOURCE_EXHAUSTED", "RATE_LIMITED"],
    ["internal", "INTERNAL", "INTERNAL_ERROR"],
    ["unavailable", "UNAVAILABLE", "SERVICE_UNAVAILABLE"],
    ["resource", "UNAVAILABLE", "SERVICE_UNAVAILABLE"],
    ["timeout", "DEADLINE_EXCEEDED", "TIMEOUT"],
    ["dependency", "UNAVAILABLE", "DEPENDENCY_FAILED"],
  ])("are the documented ones: %s is %s", (kind, grpcCode, code) => {
    expect(errorKinds[kind].grpc).toBe(grpcCode);
    const { error } = thereAndBack(new WeftError({ code, kind, message: "m", details: errorKinds[kind].details }));
    expect([error.kind, error.code]).toEqual([kind, code]);
  });

  it("give a status without ErrorInfo the common code of its kind, and INTERNAL_ERROR to one that no kind has", () => {
    const code = (grpcCode: number, message = "no", details?: Buffer) =>
      decodeStatus(grpcCode, message, details).error.code;
    expect(code(grpcCodes.NOT_FOUND)).toBe("NOT_FOUND");
    expect(code(grpcCodes.UNIMPLEMENTED)).toBe("METHOD_NOT_ALLOWED");
    expect(code(grpcCodes.RESOURCE_EXHAUSTED, "quota")).toBe("RATE_LIMITED");
    expect(code(grpcCodes.RESOURCE_EXHAUSTED, "Received message larger than max (9 vs 8)")).toBe("PAYLOAD_TOO_LARGE");
    expect(code(grpcCodes.UNKNOWN)).toBe("INTERNAL_ERROR");
    expect(code(grpcCodes.DATA_LOSS)).toBe("INTERNAL_ERROR");
    expect(code(77)).toBe("INTERNAL_ERROR");
    expect(code(grpcCodes.NOT_FOUND, "no", Buffer.from("not a protobuf message"))).toBe("NOT_FOUND");
  });

  it("do not believe a code that contradicts its status", () => {
    const { details } = encodeStatus(
      new WeftError({ code: "DEPENDENCY_FAILED", kind: "dependency", message: "m" }),
      "x",
    );
    expect(decodeStatus(grpcCodes.NOT_FOUND, "m", details).error.kind).toBe("not-found");
  });
});

describe("an encoded status", () => {
  it("is what other programs read too: ErrorInfo, and BadRequest for fields", () => {
    const { details } = encodeStatus(
      new ValidationFailed({ fieldErrors: { "items.0.product_id": "is required" } }),
      "s",
    );
    const [info, , violations] = googleRpc.Status.decode(details).details;
    expect(googleRpc.ErrorInfo.decode(info!.value)).toEqual({ reason: "VALIDATION_ERROR", domain: "s", metadata: {} });
    expect(violations!.typeUrl).toBe("type.googleapis.com/google.rpc.BadRequest");
    expect(googleRpc.BadRequest.decode(violations!.value).fieldViolations).toEqual([
      { field: "items.0.product_id", description: "is required" },
    ]);
  });

  it("stays small enough for metadata, whatever the error says, and keeps the code", () => {
    const fieldErrors = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`items.${at}.sku`, "is required"]));
    const many = thereAndBack(new ValidationFailed({ fieldErrors })).error;
    expect(Object.keys(many.details!.field_errors as object)).toHaveLength(20);
    const long = new WeftError({
      code: "CONFLICT",
      kind: "conflict",
      message: "\ud800".repeat(5000),
      details: { a: "x".repeat(9000) },
    });
    expect(encodeStatus(long, "s").details.length).toBeLessThan(5000);
    expect(thereAndBack(long).error).toMatchObject({ code: "CONFLICT", details: undefined });
  });
});
