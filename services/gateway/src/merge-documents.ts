/** What of an OpenAPI 3.1 document is looked at here; everything else is passed on as it is. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
  components?: Record<string, Record<string, unknown>>;
  [extension: string]: unknown;
}

export interface Operation {
  summary?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean }[];
  [field: string]: unknown;
}

/**
 * One document out of many: paths as they are here (`/api` in front), only those that a request would reach; components that
 * differ under one name get their service's name in front. `x-weft-events` is kept by service; a service that did not answer is
 * named in `x-weft-unavailable`.
 */
export function mergeDocuments(
  documents: readonly (readonly [service: string, document: OpenApiDocument | undefined])[],
  { version, serves }: { version: string; serves: (service: string, path: string) => boolean },
): OpenApiDocument {
  const paths: OpenApiDocument["paths"] = {};
  const schemas: Record<string, unknown> = {};
  const events: Record<string, unknown> = {};
  const unavailable: string[] = [];
  for (const [service, document] of documents) {
    if (!document?.paths) {
      unavailable.push(service);
      continue;
    }
    if (document["x-weft-events"]) events[service] = document["x-weft-events"];
    const own = renameClashes(service, document, schemas);
    Object.assign(schemas, own.components?.schemas);
    for (const [path, operations] of Object.entries(own.paths)) {
      // A template's own values cannot be routed; its fixed beginning decides.
      if (serves(service, path.replace(/\/\{.*$/, "") || path)) paths[`/api${path}`] = operations;
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Weft", version, description: "Everything that can be reached through the gateway." },
    security: [{}, { bearer: [] }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas,
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
    ...(Object.keys(events).length > 0 ? { "x-weft-events": events } : {}),
    ...(unavailable.length > 0 ? { "x-weft-unavailable": unavailable } : {}),
  };
}

function renameClashes(service: string, document: OpenApiDocument, taken: Record<string, unknown>): OpenApiDocument {
  const clashes = Object.entries(document.components?.schemas ?? {})
    .filter(([name, schema]) => Object.hasOwn(taken, name) && JSON.stringify(taken[name]) !== JSON.stringify(schema))
    .map(([name]) => name);
  if (clashes.length === 0) return document;
  const renamed = (name: string) => `${service}.${name}`;
  const text = JSON.stringify(document, (key, value: unknown) => {
    if (key === "$ref" && typeof value === "string") {
      const name = clashes.find((clash) => value === `#/components/schemas/${clash}`);
      return name === undefined ? value : `#/components/schemas/${renamed(name)}`;
    }
    return value;
  });
  const copy = JSON.parse(text) as OpenApiDocument;
  copy.components!.schemas = Object.fromEntries(
    Object.entries(copy.components!.schemas!).map(([name, schema]) => [
      clashes.includes(name) ? renamed(name) : name,
      schema,
    ]),
  );
  return copy;
}
