import { contractOf, topics } from "@weft/contracts";
import * as core from "@weft/core";
import type { ServiceDescription } from "@weft/service-kit";
import { type Rule, ruleFor } from "../../../../services/gateway/src/access.ts";
import { type DescribedService, describeServices } from "../../../cli/src/describe-services.ts";
import { isDeployed } from "../repository.ts";

/** Something that callers touch, and what there is to show of it. */
export interface Subject {
  /** The heading that it stands under. */
  group: string;
  /** What a title of a test names it by: `POST /v1/shipments`, `catalog.v1.Catalog/GetProduct`, `review.events → catalog-service`. */
  name: string;
  cases: string[];
}

type Described = DescribedService & Pick<ServiceDescription, "routes" | "grpc">;

/** Errors of a start, which no operation answers with. */
const startErrors = new Set<unknown>(["CONFIGURATION_INVALID", "OPTIONS_INVALID"]);

/** Errors that any operation may answer with. */
export const commonCodes = Object.values(core).flatMap((value) =>
  typeof value === "function" && "code" in value && "kind" in value && !startErrors.has(value.code)
    ? [String(value.code)]
    : [],
);

/** Everything that a caller can touch: from the services' own words, the gateway's table of roles, and the contracts. */
export async function surface(): Promise<Subject[]> {
  const described = ((await describeServices()) as Described[]).filter(({ service }) => isDeployed(service));
  const groupOf = (service: string) => service.replace(/-service$/, "");
  return [
    ...described.flatMap(({ service, routes }) =>
      routes.map((route) => ({
        group: groupOf(service),
        name: `${route.method} ${route.path}`,
        cases: casesOf(route),
      })),
    ),
    ...described.flatMap(({ service, grpc }) =>
      grpc.map(({ service: name, method, errors }) => ({
        group: groupOf(service),
        name: `${name}/${method}`,
        cases: unique(["OK", "VALIDATION_ERROR", ...errors]),
      })),
    ),
    ...everyService,
    ...gateway,
    ...described.flatMap(({ service, subscribes }) => subscriptions(service, subscribes)),
  ];
}

function casesOf({ method, path, success, errors, hasQuery, hasBody, isList }: ServiceDescription["routes"][number]) {
  return unique([
    String(success),
    ...(hasQuery || hasBody ? ["VALIDATION_ERROR"] : []),
    ...errors,
    ...(isList ? ["cursor"] : []),
    ...(["POST", "PUT", "PATCH"].includes(method) ? ["idempotent"] : []),
    ...rolesOf(method, path),
  ]);
}

/** Callers whom the gateway's table tells apart, and fields that it keeps from an owner. */
function rolesOf(method: string, path: string): string[] {
  const parts = path.split("/").slice(1);
  const { allow } = ruleFor(method, { raw: parts, decoded: parts }, false);
  const callers: Record<Rule["allow"]["to"], string[]> = {
    anyone: ["anonymous"],
    admin: ["anonymous", "other", "admin"],
    customer: ["anonymous", "owner", "other", "admin"],
    owner: ["anonymous", "owner", "other", "admin"],
  };
  return [...callers[allow.to], ...(allow.to === "owner" ? (allow.adminFields ?? []) : [])];
}

const everyService: Subject[] = ["/health", "/health/live", "/health/ready", "/metrics", "/openapi.json"].map(
  (path) => ({ group: "every service", name: `GET ${path}`, cases: ["200"] }),
);

/** What the gateway answers itself, before or instead of a service. */
const gateway: Subject[] = [
  {
    group: "gateway",
    name: "ANY /api/**",
    cases: [
      "BAD_REQUEST",
      "UNAUTHORIZED",
      "FORBIDDEN",
      "NOT_FOUND",
      "METHOD_NOT_ALLOWED",
      "PAYLOAD_TOO_LARGE",
      "RATE_LIMITED",
      "DEPENDENCY_FAILED",
      "TIMEOUT",
    ],
  },
  { group: "gateway", name: "GET /docs", cases: ["200", "METHOD_NOT_ALLOWED"] },
];

/** Each event that a service reads, and each older minor of it: consumers read both. */
function subscriptions(service: string, subscribes: Described["subscribes"]): Subject[] {
  const byTopic = Map.groupBy(subscribes, ({ type }) => contractOf(type)?.topic ?? "");
  return topics.flatMap(({ name }) => {
    const types = byTopic.get(name)?.map(({ type }) => type) ?? [];
    const cases = types.flatMap((type) => [type, ...olderMinors(type).map((version) => `${type} ${version}`)]);
    return cases.length === 0 ? [] : [{ group: "events", name: `${name} → ${service}`, cases }];
  });
}

function olderMinors(type: string): string[] {
  const [major, minor] = (contractOf(type)?.version ?? "1.0").split(".");
  return Array.from({ length: Number(minor) }, (_, older) => `${major}.${older}`);
}

const unique = (cases: string[]) => [...new Set(cases)];
