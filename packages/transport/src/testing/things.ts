import { remainingMs } from "@weft/core";
import type { Route } from "../http/route.ts";

/** Routes of a service that answer with what they were asked. */
export const things: Route[] = [
  {
    method: "GET",
    path: "/v1/things",
    summary: "Lists things",
    query: {
      type: "object",
      properties: {
        limit: { type: "integer", minimum: 1, maximum: 100, default: 20 },
        cursor: { type: "string" },
        old: { type: "boolean" },
      },
    },
    handle: async ({ query }) => ({ data: { query }, meta: { nextCursor: "abc" } }),
  },
  {
    method: "GET",
    path: "/v1/things/{thingId}",
    summary: "Shows a thing",
    handle: async ({ params, context }) => ({ data: { params, context: { ...context }, leftMs: remainingMs() } }),
  },
  {
    method: "POST",
    path: "/v1/things",
    summary: "Makes a thing",
    body: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: {
        name: { type: "string", minLength: 1 },
        parts: {
          type: "array",
          items: {
            type: "object",
            additionalProperties: false,
            properties: { quantity: { type: "integer", minimum: 1 } },
          },
        },
      },
    },
    handle: async ({ body }) => ({ status: 201, data: { thing: body } }),
  },
];

export const json = { "content-type": "application/json" };
export const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    headers: { ...json, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
