import type { HttpAnswer, HttpHandler, HttpRequest } from "../http/server.ts";
import type { PermissionsOf } from "./access.ts";
import { type BlockingQuery, json, jsonType, readFlag, readWhole } from "./answering.ts";
import { keyValueAnswer } from "./answers.ts";
import type { KeyValueStore } from "./key-value.ts";
import { badRequest, Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";

export const maxValueBytes = 512 * 1024;

export interface KeyValueRouteCollaborators {
  query: BlockingQuery;
  keyValues: KeyValueStore;
  sessions: Sessions;
  permissionsOf: PermissionsOf;
  saveKeyValues: () => void;
}

/** Source: Consul HTTP API, "KV Store". */
export function keyValueRoutes(parts: KeyValueRouteCollaborators): Record<string, HttpHandler> {
  const { query, keyValues, sessions, permissionsOf } = parts;

  function getKey(request: HttpRequest): Promise<HttpAnswer> {
    const key = request.params.key ?? "";
    const recurse = readFlag(request.query, "recurse");
    const keysOnly = readFlag(request.query, "keys");
    if (key === "" && !recurse && !keysOnly) throw badRequest("Missing key name");
    const index =
      recurse || keysOnly
        ? () => keyValues.indexOf(key)
        : () => keyValues.get(key)?.modifyIndex ?? keyValues.indexOf(key);
    return query(request, index, () => {
      const { may, demand } = permissionsOf(request);
      if (!recurse && !keysOnly) {
        demand("key", key, "read");
        const entry = keyValues.get(key);
        if (!entry) return { status: 404 };
        if (readFlag(request.query, "raw")) return rawValue(entry.value);
        return json([keyValueAnswer(entry)], request);
      }
      const entries = keyValues.list(key).filter((entry) => may("key", entry.key, "read"));
      if (entries.length === 0) return { status: 404 };
      if (!keysOnly) return json(entries.map(keyValueAnswer), request);
      return json(
        foldedKeys(
          entries.map((entry) => entry.key),
          key,
          request.query.get("separator") ?? "",
        ),
        request,
      );
    });
  }

  function putKey(request: HttpRequest): HttpAnswer {
    const { params, query: asked, body } = request;
    const key = params.key ?? "";
    if (key === "") throw badRequest("Missing key name");
    permissionsOf(request).demand("key", key, "write");
    if (body.length > maxValueBytes)
      throw new Refusal(413, `Request body(${body.length} bytes) too large, max size: ${maxValueBytes} bytes.`);
    const flags = readWhole(asked, "flags") ?? 0;
    const cas = readWhole(asked, "cas");
    const acquire = sessionOf(asked, "acquire");
    const release = sessionOf(asked, "release");
    if ([cas, acquire, release].filter((one) => one !== undefined).length > 1)
      throw badRequest("Conflicting flags: cas, acquire and release");
    return written(() =>
      keyValues.put(key, body, {
        flags,
        ...(cas === undefined ? {} : { cas }),
        ...(acquire === undefined ? {} : { acquire }),
        ...(release === undefined ? {} : { release }),
      }),
    );
  }

  /** What could not be written down is not done, and seen by nobody. */
  function written(change: () => boolean): HttpAnswer {
    const isDone = keyValues.transaction(() => {
      const done = change();
      if (done) parts.saveKeyValues();
      return done;
    });
    return { status: 200, headers: jsonType, body: String(isDone) };
  }

  function sessionOf(asked: URLSearchParams, what: "acquire" | "release"): string | undefined {
    const id = asked.get(what);
    if (id === null) return undefined;
    // Who gives a lock back may have lost the session already: then it holds nothing.
    if (what === "acquire" && !sessions.get(id)) throw new Refusal(500, `invalid session "${id.slice(0, 60)}"`);
    return id;
  }

  function deleteKey(request: HttpRequest): HttpAnswer {
    const { params, query: asked } = request;
    const key = params.key ?? "";
    const recurse = readFlag(asked, "recurse");
    if (key === "" && !recurse) throw badRequest("Missing key name");
    const cas = readWhole(asked, "cas");
    if (recurse && cas !== undefined) throw badRequest("Conflicting flags: recurse and cas");
    const { demand } = permissionsOf(request);
    for (const one of recurse ? keyValues.list(key).map((entry) => entry.key) : [key]) demand("key", one, "write");
    return written(() => keyValues.remove(key, { recurse, ...(cas === undefined ? {} : { cas }) }));
  }

  return {
    "GET /v1/kv/{key*}": getKey,
    "PUT /v1/kv/{key*}": putKey,
    "DELETE /v1/kv/{key*}": deleteKey,
  };
}

const rawValue = (value: string | null): HttpAnswer => ({
  status: 200,
  // A value may be anything: no browser is to read it as a page.
  headers: {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox",
  },
  body: Buffer.from(value ?? "", "base64"),
});

/** Keys up to the first separator after the prefix, each once. */
function foldedKeys(keys: string[], prefix: string, separator: string): string[] {
  if (separator === "") return keys;
  const folded = keys.map((key) => {
    const at = key.indexOf(separator, prefix.length);
    return at < 0 ? key : key.slice(0, at + separator.length);
  });
  return [...new Set(folded)];
}
