import type { HttpAnswer, HttpHandler, HttpRequest } from "../http/server.ts";
import type { PermissionsOf } from "./access.ts";
import { type Agent, unknownCheck, unknownService } from "./agent.ts";
import { blockingQuery, json, jsonType, readFlag, readWait } from "./answering.ts";
import {
  agentSelfAnswer,
  agentServiceAnswer,
  catalogServiceAnswer,
  checkAnswer,
  contentHash,
  datacenter,
  healthEntryAnswer,
  memberAnswer,
  type NodeIdentity,
  nodeAnswer,
  serfHealth,
} from "./answers.ts";
import { type BlockingQueries, boundedWaitMs } from "./blocking.ts";
import type { Catalog, RegisteredCheck, RegisteredService } from "./catalog.ts";
import type { CheckRunner } from "./check-runner.ts";
import { type CheckStatus, readCheck, readObject, readService } from "./definitions.ts";
import { compileFilter } from "./filter.ts";
import { badRequest, Refusal } from "./refusal.ts";

export interface RouteCollaborators {
  node: NodeIdentity;
  port: () => number;
  agent: Agent;
  catalog: Catalog;
  checks: CheckRunner;
  queries: BlockingQueries;
  permissionsOf: PermissionsOf;
}

/** The part of Consul's HTTP API that services, `weft` and the `consul` client of npm use. Source: Consul HTTP API, v1. */
export function consulRoutes(parts: RouteCollaborators): Record<string, HttpHandler> {
  const { node, agent, catalog, checks, queries, permissionsOf } = parts;
  const query = blockingQuery(queries);
  const done = (): HttpAnswer => ({ status: 200 });
  const checkOf = (check: RegisteredCheck) => checkAnswer(node, check, catalog.service(check.serviceId));
  const readable = (request: HttpRequest, services: RegisteredService[]) => {
    const { may } = permissionsOf(request);
    return services.filter(({ name }) => may("service", name, "read"));
  };
  const readableNodes = (request: HttpRequest) => (permissionsOf(request).may("node", node.name, "read") ? [node] : []);
  const readableChecks = (request: HttpRequest, of: RegisteredCheck[]) => {
    const { may } = permissionsOf(request);
    return of.filter(({ serviceId }) =>
      serviceId === ""
        ? may("node", node.name, "read")
        : may("service", catalog.service(serviceId)?.name ?? "", "read"),
    );
  };
  const allChecks = (request: HttpRequest) => [
    ...readableNodes(request).map(serfHealth),
    ...readableChecks(request, catalog.checks()).map(checkOf),
  ];
  /** To change a service, or a check of it; without one, what belongs to the node. */
  function demandService(request: HttpRequest, serviceId: string | undefined): void {
    const { demand } = permissionsOf(request);
    if (serviceId) demand("service", catalog.service(serviceId)?.name ?? serviceId, "write");
    else demand("node", node.name, "write");
  }

  const nodeChecks = () => catalog.checksOf("").map(checkOf);
  const checksFor = (service: RegisteredService) => [...nodeChecks(), ...catalog.checksOf(service.id).map(checkOf)];

  const matchingTags = (request: HttpRequest, name: string) => {
    const wanted = request.query.getAll("tag").map((tag) => tag.toLowerCase());
    if (readableNodes(request).length === 0) return [];
    return readable(request, catalog.servicesNamed(name)).filter(({ tags }) =>
      wanted.every((tag) => tags.some((has) => has.toLowerCase() === tag)),
    );
  };

  function health(request: HttpRequest): HttpAnswer {
    const onlyPassing = readFlag(request.query, "passing");
    const entries = matchingTags(request, request.params.service ?? "").map((service) =>
      healthEntryAnswer(node, service, checksFor(service)),
    );
    return json(
      entries
        .filter(({ Checks }) => !onlyPassing || Checks.every(({ Status }) => Status === "passing"))
        .filter(filterOf(request, healthFields)),
      request,
    );
  }

  function ttl(status: CheckStatus): HttpHandler {
    return (request) => heard(request, request.params.id ?? "", status, request.query.get("note") ?? "");
  }
  function heard(request: HttpRequest, id: string, status: CheckStatus, output: string): HttpAnswer {
    demandService(request, catalog.check(id)?.serviceId);
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

  return {
    "GET /v1/status/leader": (request) => json(`${node.address}:8300`, request),
    "GET /v1/status/peers": (request) => json([`${node.address}:8300`], request),

    "GET /v1/agent/self": (request) => {
      permissionsOf(request).demand("agent", node.name, "read");
      return json(agentSelfAnswer(node, parts.port()), request);
    },
    "GET /v1/agent/members": (request) =>
      json(permissionsOf(request).may("node", node.name, "read") ? [memberAnswer(node)] : [], request),
    "PUT /v1/agent/maintenance": (request) => {
      const { query: asked } = request;
      permissionsOf(request).demand("node", node.name, "write");
      agent.maintenance(undefined, { enable: readEnable(asked), reason: asked.get("reason") ?? "" });
      return done();
    },

    "GET /v1/agent/services": (request) => {
      const wanted = filterOf(request, agentServiceFields);
      const services = readable(request, catalog.services()).map(agentServiceAnswer).filter(wanted);
      return json(Object.fromEntries(services.map((service) => [service.ID, service])), request);
    },
    "GET /v1/agent/service/{id}": async (request) => {
      const id = request.params.id ?? "";
      permissionsOf(request).demand("service", catalog.service(id)?.name ?? id, "read");
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
    "PUT /v1/agent/service/register": (request) => {
      const { body, query: asked } = request;
      const registration = readService(readObject(body));
      const { demand } = permissionsOf(request);
      demand("service", registration.service.name, "write");
      // Who may write only the new name does not get an id that another service has.
      const before = catalog.service(registration.service.id);
      if (before) demand("service", before.name, "write");
      agent.register(registration, { replaceChecks: readFlag(asked, "replace-existing-checks") });
      return done();
    },
    "PUT /v1/agent/service/deregister/{id}": (request) => {
      demandService(request, request.params.id);
      agent.deregister(request.params.id ?? "");
      return done();
    },
    "PUT /v1/agent/service/maintenance/{id}": (request) => {
      const { params, query: asked } = request;
      demandService(request, params.id);
      agent.maintenance(params.id, { enable: readEnable(asked), reason: asked.get("reason") ?? "" });
      return done();
    },
    "GET /v1/agent/health/service/id/{id}": (request) =>
      worst(
        readable(
          request,
          [catalog.service(request.params.id ?? "")].filter((service) => service !== undefined),
        ),
        request,
      ),
    "GET /v1/agent/health/service/name/{name}": (request) =>
      worst(readable(request, catalog.servicesNamed(request.params.name ?? "")), request),

    "GET /v1/agent/checks": (request) => {
      const wanted = filterOf(request, checkFields);
      const checksNow = readableChecks(request, catalog.checks()).map(checkOf).filter(wanted);
      return json(Object.fromEntries(checksNow.map((check) => [check.CheckID, check])), request);
    },
    "PUT /v1/agent/check/register": (request) => {
      const fields = readObject(request.body);
      const name = typeof fields.name === "string" ? fields.name : "";
      if (name === "") throw badRequest("Missing check name");
      const id =
        [fields.checkid, fields.id, name].find((one): one is string => typeof one === "string" && one !== "") ?? name;
      const serviceId = typeof fields.serviceid === "string" ? fields.serviceid : "";
      demandService(request, serviceId);
      agent.addCheck(readCheck(fields, { id, name }), serviceId);
      return done();
    },
    "PUT /v1/agent/check/deregister/{id}": (request) => {
      const id = request.params.id ?? "";
      demandService(request, catalog.check(id)?.serviceId);
      agent.removeCheck(id);
      return done();
    },
    "PUT /v1/agent/check/pass/{id}": ttl("passing"),
    "PUT /v1/agent/check/warn/{id}": ttl("warning"),
    "PUT /v1/agent/check/fail/{id}": ttl("critical"),
    "PUT /v1/agent/check/update/{id}": (request) => {
      const { params, body } = request;
      const { status, output } = readObject(body);
      if (status !== "passing" && status !== "warning" && status !== "critical")
        throw badRequest(`Invalid check status: '${String(status ?? "")}'`);
      return heard(request, params.id ?? "", status, typeof output === "string" ? output : "");
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
            readable(request, catalog.servicesNamed(request.params.service ?? ""))
              .flatMap((service) => catalog.checksOf(service.id).map(checkOf))
              .filter(filterOf(request, checkFields)),
            request,
          ),
      ),
    "GET /v1/health/node/{node}": (request) =>
      query(request, catalog.checksIndex, () => {
        const wanted = filterOf(request, checkFields);
        return json(request.params.node === node.name ? allChecks(request).filter(wanted) : [], request);
      }),
    "GET /v1/health/state/{state}": (request) => {
      const { state = "" } = request.params;
      if (!["any", "passing", "warning", "critical"].includes(state)) throw badRequest(`Invalid check state: ${state}`);
      return query(request, catalog.checksIndex, () =>
        json(
          allChecks(request)
            .filter(({ Status }) => state === "any" || Status === state)
            .filter(filterOf(request, checkFields)),
          request,
        ),
      );
    },

    "GET /v1/catalog/datacenters": (request) => json([datacenter], request),
    "GET /v1/catalog/nodes": (request) =>
      query(
        request,
        () => 1,
        () => json(readableNodes(request).map(nodeAnswer).filter(filterOf(request, nodeFields)), request),
      ),
    "GET /v1/catalog/node/{node}": (request) =>
      query(request, catalog.servicesIndex, () => {
        const wanted = filterOf(request, agentServiceFields);
        if (request.params.node !== node.name || readableNodes(request).length === 0) return json(null, request);
        const services = readable(request, catalog.services()).map(agentServiceAnswer).filter(wanted);
        const byId = Object.fromEntries(services.map((service) => [service.ID, service]));
        return json({ Node: nodeAnswer(node), Services: byId }, request);
      }),
    "GET /v1/catalog/services": (request) =>
      query(request, catalog.servicesIndex, () => {
        const names: Record<string, Set<string>> = Object.create(null);
        if (permissionsOf(request).may("service", "consul", "read")) names.consul = new Set();
        for (const { name, tags } of readable(request, catalog.services())) {
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
            matchingTags(request, request.params.service ?? "")
              .map((service) => catalogServiceAnswer(node, service))
              .filter(filterOf(request, catalogServiceFields)),
            request,
          ),
      ),
  };
}

const textBody = (body: string) => ({ headers: { "content-type": "text/plain; charset=utf-8" }, body });
const filterOf = ({ query }: HttpRequest, fields: readonly string[]) => compileFilter(query.get("filter"), fields);
const agentServiceFields = [
  "ID",
  "Service",
  "Tags",
  "Meta",
  "Port",
  "Address",
  "TaggedAddresses",
  "Weights",
  "EnableTagOverride",
  "Datacenter",
];
const checkFields = [
  "Node",
  "CheckID",
  "Name",
  "Status",
  "Notes",
  "Output",
  "ServiceID",
  "ServiceName",
  "ServiceTags",
  "Type",
  "Definition",
];
const nodeFields = ["ID", "Node", "Address", "Datacenter", "TaggedAddresses", "Meta"];
const healthFields = ["Node", "Service", "Checks"];
const catalogServiceFields = [
  "ID",
  "Node",
  "Address",
  "Datacenter",
  "TaggedAddresses",
  "NodeMeta",
  "ServiceID",
  "ServiceName",
  "ServiceTags",
  "ServiceAddress",
  "ServiceTaggedAddresses",
  "ServiceWeights",
  "ServiceMeta",
  "ServicePort",
  "ServiceEnableTagOverride",
];

const contentHashOf = (service: RegisteredService | undefined) =>
  service ? agentServiceAnswer(service).ContentHash : contentHash(null);

const severity: Record<CheckStatus, number> = { passing: 0, warning: 1, critical: 2 };
const httpOf: Record<CheckStatus, number> = { passing: 200, warning: 429, critical: 503 };
const worstOf = (checks: { Status: CheckStatus }[]): CheckStatus =>
  checks.map(({ Status }) => Status).sort((a, b) => severity[b] - severity[a])[0] ?? "passing";

function readEnable(query: URLSearchParams): boolean {
  if (!query.get("enable")) throw badRequest("Missing value for enable");
  return readFlag(query, "enable");
}
