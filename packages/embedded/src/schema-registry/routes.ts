import type { HttpAnswer, HttpHandler, HttpRequest } from "../http/server.ts";
import { Refusal, refusals } from "./refusal.ts";
import { type GivenSchema, levels, modes, type RegisteredVersion, type Registry } from "./registry.ts";
import type { Reference, Store, StoredSchema } from "./store.ts";

export const contentType = { "content-type": "application/vnd.schemaregistry.v1+json" };
const json = (value: unknown): HttpAnswer => ({ status: 200, headers: contentType, body: JSON.stringify(value) });

/** The Confluent Schema Registry's HTTP API, for JSON Schema. Source: Confluent "Schema Registry API Reference", v1. */
export function registryRoutes({ registry, store }: { registry: Registry; store: Store }): Record<string, HttpHandler> {
  const schemaOf = (request: HttpRequest): StoredSchema => {
    const id = readId(request.params.id ?? "");
    const schema = store.schema(id);
    if (!schema) throw refusals.schemaNotFound(id);
    return schema;
  };
  const usesOf = (request: HttpRequest) => {
    const { id } = schemaOf(request);
    return store.versionsOfId(id).filter(({ deleted }) => !deleted || readFlag(request, "deleted"));
  };
  const subjectOf = (request: HttpRequest) => request.params.subject ?? "";
  const versionOf = (request: HttpRequest) =>
    registry.version(subjectOf(request), readVersion(request.params.version ?? ""), {
      deleted: readFlag(request, "deleted"),
    });

  function compatibility(request: HttpRequest, version: "all" | "latest" | number): HttpAnswer {
    const given = readGiven(request);
    const messages = registry.check(subjectOf(request), given, { version, normalize: readFlag(request, "normalize") });
    return json({ is_compatible: messages.length === 0, ...(readFlag(request, "verbose") ? { messages } : {}) });
  }

  function setLevel(subject: string | null, request: HttpRequest): HttpAnswer {
    const asked = String(readObject(request).compatibility ?? "").toUpperCase();
    const level = levels.find((one) => one === asked);
    if (!level) throw refusals.invalidLevel();
    store.append({ op: "level", subject, level });
    return json({ compatibility: level });
  }

  function setMode(subject: string | null, request: HttpRequest): HttpAnswer {
    const mode = String(readObject(request).mode ?? "").toUpperCase();
    const known = modes.find((one) => one === mode);
    if (!known) throw refusals.invalidMode();
    registry.setMode(subject, known, { force: readFlag(request, "force") });
    return json({ mode });
  }

  return {
    "GET /": () => json({}),
    "GET /contexts": () => json([":.:"]),
    "GET /v1/metadata/id": () =>
      json({ id: "", scope: { path: [], clusters: { "schema-registry-cluster": "weft-embedded" } } }),

    "GET /schemas": (request) => {
      const prefix = request.query.get("subjectPrefix") ?? "";
      const all = subjectsOf(store, { deleted: readFlag(request, "deleted"), prefix }).flatMap((subject) => {
        const versions = registry.versions(subject, { deleted: readFlag(request, "deleted") });
        return (readFlag(request, "latestOnly") ? versions.slice(-1) : versions).map(({ version }) =>
          registry.version(subject, version, { deleted: true }),
        );
      });
      return json(paged(all, request).map(versionAnswer));
    },
    "GET /schemas/types": () => json(["JSON"]),
    "GET /schemas/ids/{id}": (request) => json(schemaAnswer(schemaOf(request))),
    "GET /schemas/ids/{id}/schema": (request) => ({ status: 200, headers: contentType, body: schemaOf(request).text }),
    "GET /schemas/ids/{id}/subjects": (request) => json([...new Set(usesOf(request).map(({ subject }) => subject))]),
    "GET /schemas/ids/{id}/versions": (request) =>
      json(usesOf(request).map(({ subject, version }) => ({ subject, version }))),

    "GET /subjects": (request) =>
      json(
        paged(
          subjectsOf(store, {
            deleted: readFlag(request, "deleted"),
            prefix: request.query.get("subjectPrefix") ?? "",
          }),
          request,
        ),
      ),
    "POST /subjects/{subject}": (request) =>
      json(
        versionAnswer(
          registry.lookup(subjectOf(request), readGiven(request), {
            normalize: readFlag(request, "normalize"),
            deleted: readFlag(request, "deleted"),
          }),
        ),
      ),
    "DELETE /subjects/{subject}": (request) =>
      json(registry.deleteSubject(subjectOf(request), { permanent: readFlag(request, "permanent") })),
    "GET /subjects/{subject}/versions": (request) =>
      json(
        registry
          .versions(subjectOf(request), {
            deleted: readFlag(request, "deleted"),
            deletedOnly: readFlag(request, "deletedOnly"),
          })
          .map(({ version }) => version),
      ),
    "POST /subjects/{subject}/versions": (request) => {
      const { id } = registry.register(subjectOf(request), readGiven(request), {
        normalize: readFlag(request, "normalize"),
      });
      return json({ id });
    },
    "GET /subjects/{subject}/versions/{version}": (request) => json(versionAnswer(versionOf(request))),
    "GET /subjects/{subject}/versions/{version}/schema": (request) => ({
      status: 200,
      headers: contentType,
      body: versionOf(request).schema.text,
    }),
    "GET /subjects/{subject}/versions/{version}/referencedby": (request) =>
      json(registry.referencedBy(subjectOf(request), versionOf(request).version)),
    "DELETE /subjects/{subject}/versions/{version}": (request) =>
      json(
        registry.deleteVersion(subjectOf(request), readVersion(request.params.version ?? ""), {
          permanent: readFlag(request, "permanent"),
        }),
      ),

    "POST /compatibility/subjects/{subject}/versions": (request) => compatibility(request, "all"),
    "POST /compatibility/subjects/{subject}/versions/{version}": (request) =>
      compatibility(request, readVersion(request.params.version ?? "")),

    "GET /config": () => json({ compatibilityLevel: store.level(null) ?? "BACKWARD" }),
    "PUT /config": (request) => setLevel(null, request),
    "DELETE /config": () => {
      const before = store.level(null) ?? "BACKWARD";
      store.append({ op: "level", subject: null, level: null });
      return json({ compatibilityLevel: before });
    },
    "GET /config/{subject}": (request) => {
      const own = store.level(subjectOf(request));
      if (own === undefined && !readFlag(request, "defaultToGlobal")) throw refusals.noSubjectLevel(subjectOf(request));
      return json({ compatibilityLevel: own ?? store.level(null) ?? "BACKWARD" });
    },
    "PUT /config/{subject}": (request) => setLevel(subjectOf(request), request),
    "DELETE /config/{subject}": (request) => {
      const before = store.level(subjectOf(request));
      if (before === undefined) throw refusals.subjectNotFound(subjectOf(request));
      store.append({ op: "level", subject: subjectOf(request), level: null });
      return json({ compatibilityLevel: before });
    },

    "GET /mode": () => json({ mode: store.mode(null) ?? "READWRITE" }),
    "PUT /mode": (request) => setMode(null, request),
    "GET /mode/{subject}": (request) => {
      const own = store.mode(subjectOf(request));
      if (own === undefined && !readFlag(request, "defaultToGlobal")) throw refusals.noSubjectMode(subjectOf(request));
      return json({ mode: own ?? store.mode(null) ?? "READWRITE" });
    },
    "PUT /mode/{subject}": (request) => setMode(subjectOf(request), request),
    "DELETE /mode/{subject}": (request) => {
      const before = store.mode(subjectOf(request));
      if (before === undefined) throw refusals.subjectNotFound(subjectOf(request));
      store.append({ op: "mode", subject: subjectOf(request), mode: null });
      return json({ mode: before });
    },
  };
}

const referencesAnswer = ({ references }: StoredSchema) => (references.length > 0 ? { references } : {});
const schemaAnswer = (schema: StoredSchema) => ({
  schemaType: "JSON",
  schema: schema.text,
  ...referencesAnswer(schema),
});
const versionAnswer = ({ subject, version, id, schema }: RegisteredVersion) => ({
  subject,
  version,
  id,
  schemaType: "JSON",
  ...referencesAnswer(schema),
  schema: schema.text,
});

const subjectsOf = (store: Store, { deleted, prefix }: { deleted: boolean; prefix: string }) =>
  store
    .subjects()
    .filter(
      (subject) => subject.startsWith(prefix) && (deleted || store.versions(subject).some((one) => !one.deleted)),
    );

function paged<Item>(items: Item[], { query }: HttpRequest): Item[] {
  const offset = Math.max(0, Number(query.get("offset") ?? 0) || 0);
  const limit = Number(query.get("limit") ?? -1);
  return items.slice(offset, limit > 0 ? offset + limit : undefined);
}

const readFlag = ({ query }: HttpRequest, name: string): boolean => query.get(name)?.toLowerCase() === "true";

function readVersion(text: string): "latest" | number {
  if (text === "latest" || text === "-1") return "latest";
  const version = Number(text);
  if (!/^\d+$/.test(text) || version < 1 || version > 2 ** 31 - 1) throw refusals.invalidVersion(text);
  return version;
}

function readId(text: string): number {
  const id = Number(text);
  if (!/^\d+$/.test(text) || id > 2 ** 31 - 1) throw new Refusal(404, "HTTP 404 Not Found");
  return id;
}

function readObject({ body }: HttpRequest): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new Refusal(400, "Unable to process JSON: the body is not a JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refusal(400, "Unable to process JSON: the body is not a JSON object");
  return value as Record<string, unknown>;
}

function readGiven(request: HttpRequest): GivenSchema {
  const { schema, schemaType, references, id, version } = readObject(request);
  if (typeof schema !== "string") throw refusals.invalidSchema("Empty schema");
  if (schemaType !== undefined && schemaType !== null && typeof schemaType !== "string")
    throw refusals.invalidSchema("schemaType must be a string");
  return {
    schema,
    ...(schemaType ? { schemaType } : {}),
    references: readReferences(references),
    ...readImported(id, version),
  };
}

function readImported(id: unknown, version: unknown): Pick<GivenSchema, "imported"> {
  const isAbsent = (value: unknown) => value === undefined || value === null || Number(value) < 0;
  const isNumber = (value: unknown): value is number =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) < 2 ** 31;
  if (isAbsent(id)) return {};
  if (!isNumber(id)) throw refusals.invalidSchema("id must be a whole number from 1 to 2^31-1");
  if (isAbsent(version)) return { imported: { id } };
  if (!isNumber(version)) throw refusals.invalidVersion(String(version));
  return { imported: { id, version } };
}

function readReferences(value: unknown): Reference[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw refusals.invalidSchema("references must be a list");
  return value.map((one: unknown) => {
    const { name, subject, version } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== "string" || typeof subject !== "string" || typeof version !== "number")
      throw refusals.invalidSchema("a reference needs name, subject and version");
    return { name, subject, version };
  });
}
