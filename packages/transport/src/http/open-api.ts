import type { ServiceIdentity } from "@weft/core";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { Route } from "./route.ts";

export interface OpenApiInfo {
  title?: string;
  description?: string;
  /** Fields of the document that OpenAPI leaves to others: `x-weft-events`. */
  extensions?: Record<`x-${string}`, unknown>;
}

/** An OpenAPI 3.1 document of the routes as they are: what is checked is what is shown. */
export function openApiDocument(identity: ServiceIdentity, info: OpenApiInfo, routes: readonly Route[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operation(identity.name, route);
  }
  return {
    openapi: "3.1.0",
    info: { title: info.title ?? identity.name, version: identity.version, description: info.description },
    paths,
    components: { schemas: { Error: errorSchema, Meta: metaSchema } },
    ...info.extensions,
  };
}

function operation(service: string, route: Route) {
  const pathParameters = [...route.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1, maxLength: 200 },
  }));
  const required = (route.query?.required ?? []) as string[];
  const queryParameters = Object.entries((route.query?.properties ?? {}) as Record<string, JsonSchema>).map(
    ([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }),
  );
  const isWrite = route.method === "POST" || route.method === "PUT" || route.method === "PATCH";
  const idempotencyKey = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "Makes the request repeatable: the same key and body within 24 h give the same answer, once done.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  };
  return {
    summary: route.summary,
    tags: [service],
    parameters: [...pathParameters, ...queryParameters, ...(isWrite ? [idempotencyKey] : [])],
    ...(route.body ? { requestBody: { required: true, content: { "application/json": { schema: route.body } } } } : {}),
    responses: {
      "2XX": answer("Done", {
        type: "object",
        required: ["success", "data", "meta"],
        properties: {
          success: { const: true },
          data: route.response ?? { type: "object" },
          meta: { $ref: "#/components/schemas/Meta" },
        },
      }),
      default: answer(
        route.errors?.length ? `The common errors, or ${route.errors.join(", ")}` : "One of the common errors",
        { $ref: "#/components/schemas/Error" },
      ),
    },
  };
}

const answer = (description: string, schema: JsonSchema) => ({
  description,
  content: { "application/json": { schema } },
});

const metaSchema = {
  type: "object",
  required: ["requestId"],
  properties: {
    requestId: { type: "string" },
    traceId: { type: "string" },
    nextCursor: { type: "string" },
    degraded: { type: "array", items: { type: "string" } },
  },
};

const errorSchema = {
  type: "object",
  required: ["success", "error", "meta"],
  properties: {
    success: { const: false },
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" }, details: { type: "object" } },
    },
    meta: { $ref: "#/components/schemas/Meta" },
  },
};
