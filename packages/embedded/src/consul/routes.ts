import type { HttpAnswer, HttpHandler, HttpRequest } from "../http/server.ts";
import { type Agent, unknownCheck, unknownService } from "./agent.ts";
import {
  agentSelfAnswer,
  agentServiceAnswer,
  catalogServiceAnswer,
  checkAnswer,
  contentHash,
  datacenter,
  healthEntryAnswer,
  keyValueAnswer,
  memberAnswer,
  type NodeIdentity,
  nodeAnswer,
  serfHealth,
} from "./answers.ts";
import { type BlockingQueries, boundedWaitMs } from "./blocking.ts";
import type { Catalog, RegisteredCheck, RegisteredService } from "./catalog.ts";
import type { CheckRunner } from "./check-runner.ts";
import { type CheckStatus, readCheck, readObject, readService } from "./definitions.ts";
import { parseDurationMs } from "./duration.ts";
import type { KeyValueStore } from "./key-value.ts";
import { badRequest, Refusal } from "./refusal.ts";

export interface RouteCollaborators {
  node: NodeIdentity;
  port: () => number;
  agent: Agent;
  catalog: Catalog;
  checks: CheckRunner;
  queries: BlockingQueries;
  keyValues: KeyValueStore;
  saveKeyValues: () => void;
}

export const maxValueBytes = 512 * 1024;

/** The part of Consul's HTTP API that services, `weft` and the `consul` client of npm use. Source: Consul HTTP API, v1. */
export function consulRoutes(parts: RouteCollaborators): Record<string, HttpHandler> {
  const { node, agent, catalog, checks, queries, keyValues } = parts;
  const done = (): HttpAnswer => ({ status: 200 });
  const checkOf = (check: RegisteredCheck) => checkAnswer(node, check, catalog.service(check.serviceId));
  const nodeChecks = () => catalog.checksOf("").map(checkOf);
  const checksFor = (service: RegisteredService) => [...nodeChecks(), ...catalog.checksOf(service.id).map(checkOf)];

  /** An answer that a caller may wait for: `index` says when it last changed, and is read again after the wait. */
  async function query(request: HttpRequest, index: () => number, answer: () => HttpAnswer): Promise<HttpAnswer> {
    refuseFilter(request);
    const { seen, waitMs } = readWait(request.query);
    if (seen > 0) await queries.wait(index, { seen, waitMs: boundedWaitMs(waitMs), signal: request.signal });
    const { headers, ...rest } = answer();
    return {
      ...rest,
      headers: {
        ...headers,
        "x-consul-index": String(Math.max(index(), 1)),
        "x-consul-knownleader": "true",
        "x-consul-lastcontact": "0",
        "x-consul-effective-consistency": "leader",
      },
    };
  }

  const matchingTags = (request: HttpRequest, name: string) => {
    const wanted = request.query.getAll("tag").map((tag) => tag.toLowerCase());
    return catalog
      .servicesNamed(name)
      .filter(({ tags }) => wanted.every((tag) => tags.some((has) => has.toLowerCase() === tag)));
  };

  function health(request: HttpRequest): HttpAnswer {
    const onlyPassing = readFlag(request.query, "passing");
    const entries = matchingTags(request, request.params.service ?? "").map((service) =>
      healthEntryAnswer(node, service, checksFor(service)),
    );
    return json(
      entries.filter(({ Checks }) => !onlyPassing || Checks.every(({ Status }) => Status === "passing")),
      request,
    );
  }

  function ttl(status: CheckStatus): HttpHandler {
    return ({ params, query }) => heard(params.id ?? "", status, query.get("note") ?? "");
  }
  function heard(id: string, status: CheckStatus, output: string): HttpAnswer {
    if (!catalog.check(id)) throw unknownCheck(id);
    if (!checks.heard(id, status, output.slice(0, 4096)))
      throw new Refusal(500, `CheckID "${id}" does not have associated TTL`);
    return done();
  }

  /** 200, 429 or 503 for a service's worst check, as load balancers ask. */
  function worst(services: RegisteredService[], request: HttpRequest): HttpAnswer {
    if (services.length === 0) return { status: 404, ...textBody("ServiceName or ServiceId not found") };
    const statuses = services.map((service) => ({ service, status: worstOf(checksFor(service)) }));
    const status = statuses.map((one) => one.status).sort((a, b) => severity[b] - severity[a])[0] ?? "passing";
    if (request.query.get("format") === "text") return { status: httpOf[status], ...textBody(status) };
    const body = statuses.map((one) => ({
      AggregatedStatus: one.status,
      Service: agentServiceAnswer(one.service),
      Checks: checksFor(one.service),
    }));
    return { ...json(body, request), status: httpOf[status] };
  }

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
      if (!recurse && !keysOnly) {
        const entry = keyValues.get(key);
        if (!entry) return { status: 404 };
        if (readFlag(request.query, "raw")) return rawValue(entry.value);
        return json([keyValueAnswer(entry)], request);
      }
      const entries = keyValues.list(key);
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

  function putKey({ params, query: asked, body }: HttpRequest): HttpAnswer {
    const key = params.key ?? "";
    if (key === "") throw badRequest("Missing key name");
    refuseSessions(asked);
    if (body.length > maxValueBytes)
      throw new Refusal(413, `Request body(${body.length} bytes) too large, max size: ${maxValueBytes} bytes.`);
    const flags = readWhole(asked, "flags") ?? 0;
    const cas = readWhole(asked, "cas");
    const isDone = keyValues.put(key, body, { flags, ...(cas === undefined ? {} : { cas }) });
    if (isDone) parts.saveKeyValues();
    return { status: 200, headers: jsonType, body: String(isDone) };
  }

  function deleteKey({ params, query: asked }: HttpRequest): HttpAnswer {
    const key = params.key ?? "";
    const recurse = readFlag(asked, "recurse");
    if (key === "" && !recurse) throw badRequest("Missing key name");
    const cas = readWhole(asked, "cas");
    if (recurse && cas !== undefined) throw badRequest("Conflicting flags: recurse and cas");
    const isDone = keyValues.remove(key, { recurse, ...(cas === undefined ? {} : { cas }) });
    parts.saveKeyValues();
    return { status: 200, headers: jsonType, body: String(isDone) };
  }

  return {
    "GET /v1/status/leader": (request) => json(`${node.address}:8300`, request),
    "GET /v1/status/peers": (request) => json([`${node.address}:8300`], request),

    "GET /v1/agent/self": (request) => json(agentSelfAnswer(node, parts.port()), request),
    "GET /v1/agent/members": (request) => json([memberAnswer(node)], request),
    "PUT /v1/agent/maintenance": ({ query: asked }) => {
      agent.maintenance(undefined, { enable: readEnable(asked), reason: asked.get("reason") ?? "" });
      return done();
    },

    "GET /v1/agent/services": (request) => {
      refuseFilter(request);
      return json(
        Object.fromEntries(catalog.services().map((service) => [service.id, agentServiceAnswer(service)])),
        request,
      );
    },
    "GET /v1/agent/service/{id}": async (request) => {
      const id = request.params.id ?? "";
      const hashNow = () => contentHashOf(catalog.service(id));
      const seen = request.query.get("hash");
      if (seen && hashNow() === seen) {
        const { waitMs } = readWait(request.query);
        // Any change counts as "passed" here; what is compared is the hash.
        await queries.wait(() => (hashNow() === seen ? 0 : 2), {
          seen: 1,
          waitMs: boundedWaitMs(waitMs),
          signal: request.signal,
        });
      }
      const service = catalog.service(id);
      if (!service) throw unknownService(id);
      const answer = agentServiceAnswer(service);
      return { ...json(answer, request), headers: { ...jsonType, "x-consul-contenthash": answer.ContentHash } };
    },
    "PUT /v1/agent/service/register": ({ body, query: asked }) => {
      agent.register(readService(readObject(body)), { replaceChecks: readFlag(asked, "replace-existing-checks") });
      return done();
    },
    "PUT /v1/agent/service/deregister/{id}": ({ params }) => {
      agent.deregister(params.id ?? "");
      return done();
    },
    "PUT /v1/agent/service/maintenance/{id}": ({ params, query: asked }) => {
      agent.maintenance(params.id, { enable: readEnable(asked), reason: asked.get("reason") ?? "" });
      return done();
    },
    "GET /v1/agent/health/service/id/{id}": (request) =>
      worst(
        [catalog.service(request.params.id ?? "")].filter((service) => service !== undefined),
        request,
      ),
    "GET /v1/agent/health/service/name/{name}": (request) =>
      worst(catalog.servicesNamed(request.params.name ?? ""), request),

    "GET /v1/agent/checks": (request) => {
      refuseFilter(request);
      return json(Object.fromEntries(catalog.checks().map((check) => [check.definition.id, checkOf(check)])), request);
    },
    "PUT /v1/agent/check/register": ({ body }) => {
      const fields = readObject(body);
      const name = typeof fields.name === "string" ? fields.name : "";
      if (name === "") throw badRequest("Missing check name");
      const id =
        [fields.checkid, fields.id, name].find((one): one is string => typeof one === "string" && one !== "") ?? name;
      agent.addCheck(readCheck(fields, { id, name }), typeof fields.serviceid === "string" ? fields.serviceid : "");
      return done();
    },
    "PUT /v1/agent/check/deregister/{id}": ({ params }) => {
      agent.removeCheck(params.id ?? "");
      return done();
    },
    "PUT /v1/agent/check/pass/{id}": ttl("passing"),
    "PUT /v1/agent/check/warn/{id}": ttl("warning"),
    "PUT /v1/agent/check/fail/{id}": ttl("critical"),
    "PUT /v1/agent/check/update/{id}": ({ params, body }) => {
      const { status, output } = readObject(body);
      if (status !== "passing" && status !== "warning" && status !== "critical")
        throw badRequest(`Invalid check status: '${String(status ?? "")}'`);
      return heard(params.id ?? "", status, typeof output === "string" ? output : "");
    },

    "GET /v1/health/service/{service}": (request) =>
      query(
        request,
        () => catalog.serviceIndex(request.params.service ?? ""),
        () => health(request),
      ),
    "GET /v1/health/checks/{service}": (request) =>
      query(
        request,
        () => catalog.serviceIndex(request.params.service ?? ""),
        () =>
          json(
            catalog
              .servicesNamed(request.params.service ?? "")
              .flatMap((service) => catalog.checksOf(service.id).map(checkOf)),
            request,
          ),
      ),
    "GET /v1/health/node/{node}": (request) =>
      query(request, catalog.checksIndex, () =>
        json(request.params.node === node.name ? [serfHealth(node), ...catalog.checks().map(checkOf)] : [], request),
      ),
    "GET /v1/health/state/{state}": (request) => {
      const { state = "" } = request.params;
      if (!["any", "passing", "warning", "critical"].includes(state)) throw badRequest(`Invalid check state: ${state}`);
      return query(request, catalog.checksIndex, () =>
        json(
          [serfHealth(node), ...catalog.checks().map(checkOf)].filter(
            ({ Status }) => state === "any" || Status === state,
          ),
          request,
        ),
      );
    },

    "GET /v1/catalog/datacenters": (request) => json([datacenter], request),
    "GET /v1/catalog/nodes": (request) =>
      query(
        request,
        () => 1,
        () => json([nodeAnswer(node)], request),
      ),
    "GET /v1/catalog/node/{node}": (request) =>
      query(request, catalog.servicesIndex, () => {
        if (request.params.node !== node.name) return json(null, request);
        const services = catalog.services().map((service) => [service.id, agentServiceAnswer(service)]);
        return json({ Node: nodeAnswer(node), Services: Object.fromEntries(services) }, request);
      }),
    "GET /v1/catalog/services": (request) =>
      query(request, catalog.servicesIndex, () => {
        const names: Record<string, Set<string>> = Object.create(null);
        names.consul = new Set();
        for (const { name, tags } of catalog.services()) {
          names[name] ??= new Set();
          for (const tag of tags) names[name].add(tag);
        }
        return json(Object.fromEntries(Object.entries(names).map(([name, tags]) => [name, [...tags]])), request);
      }),
    "GET /v1/catalog/service/{service}": (request) =>
      query(
        request,
        () => catalog.serviceIndex(request.params.service ?? ""),
        () =>
          json(
            matchingTags(request, request.params.service ?? "").map((service) => catalogServiceAnswer(node, service)),
            request,
          ),
      ),

    "GET /v1/kv/{key*}": getKey,
    "PUT /v1/kv/{key*}": putKey,
    "DELETE /v1/kv/{key*}": deleteKey,
  };
}

const jsonType = { "content-type": "application/json" };
const json = (value: unknown, { query }: HttpRequest): HttpAnswer => ({
  status: 200,
  headers: jsonType,
  body: query.has("pretty") ? `${JSON.stringify(value, null, 4)}\n` : JSON.stringify(value),
});
const textBody = (body: string) => ({ headers: { "content-type": "text/plain; charset=utf-8" }, body });
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
const contentHashOf = (service: RegisteredService | undefined) =>
  service ? agentServiceAnswer(service).ContentHash : contentHash(null);

const severity: Record<CheckStatus, number> = { passing: 0, warning: 1, critical: 2 };
const httpOf: Record<CheckStatus, number> = { passing: 200, warning: 429, critical: 503 };
const worstOf = (checks: { Status: CheckStatus }[]): CheckStatus =>
  checks.map(({ Status }) => Status).sort((a, b) => severity[b] - severity[a])[0] ?? "passing";

function readWait(query: URLSearchParams): { seen: number; waitMs: number } {
  const index = query.get("index") ?? "";
  if (index !== "" && !/^\d{1,15}$/.test(index)) throw badRequest("Invalid index");
  const wait = query.get("wait") ?? "";
  const waitMs = wait === "" ? 0 : parseDurationMs(wait);
  if (waitMs === undefined) throw badRequest("Invalid wait time");
  return { seen: Number(index), waitMs };
}

/** Present without a value counts as true. */
function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null) return false;
  if (["", "1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw badRequest(`Invalid value for ?${name}`);
}

function readEnable(query: URLSearchParams): boolean {
  if (!query.get("enable")) throw badRequest("Missing value for enable");
  return readFlag(query, "enable");
}

function readWhole(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw badRequest(`Invalid ${name} index: ${value.slice(0, 40)}`);
  return Number(value);
}

function refuseFilter({ query }: HttpRequest): void {
  if (query.has("filter")) throw badRequest("filter expressions are not supported by this embedded server");
}

function refuseSessions(query: URLSearchParams): void {
  for (const name of ["acquire", "release"])
    if (query.has(name)) throw badRequest(`sessions (?${name}) are not supported by this embedded server`);
}

/** Keys up to the first separator after the prefix, each once. */
function foldedKeys(keys: string[], prefix: string, separator: string): string[] {
  if (separator === "") return keys;
  const folded = keys.map((key) => {
    const at = key.indexOf(separator, prefix.length);
    return at < 0 ? key : key.slice(0, at + separator.length);
  });
  return [...new Set(folded)];
}
