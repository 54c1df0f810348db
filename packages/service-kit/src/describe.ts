import type { ServiceIdentity } from "@weft/core";
import type { Route } from "@weft/transport";
import type { GrpcService } from "@weft/transport/grpc";

/** What a service publishes and reads of events: in its description, and as `x-weft-events` in `/openapi.json`. */
export interface DescribedEvents {
  publishes: readonly string[];
  subscribes: { type: string; majors: number[]; reads: string[] }[];
}

export interface DescribedCall {
  service: string;
  protocol: "http" | "grpc";
}

/** What a service is to others, for documentation, the event map and checks: `node src/main.ts --describe`. */
export interface ServiceDescription extends DescribedEvents {
  service: string;
  version: string;
  routes: {
    method: string;
    path: string;
    summary: string;
    /** Status of the answer where the request has its effect: a POST creates. */
    success: 200 | 201;
    /** Codes besides the common ones. */
    errors: string[];
    hasQuery: boolean;
    hasBody: boolean;
    isList: boolean;
  }[];
  grpc: { service: string; method: string; errors: string[] }[];
  calls: DescribedCall[];
}

interface DescribedParts {
  routes: readonly Route[];
  grpcServices: readonly GrpcService[];
  events: DescribedEvents;
  calls: readonly DescribedCall[];
}

export function describeService(
  { name, version }: ServiceIdentity,
  { routes, grpcServices, events, calls }: DescribedParts,
): ServiceDescription {
  return {
    service: name,
    version,
    routes: routes.map(({ method, path, summary, errors = [], query, body }) => ({
      method,
      path,
      summary,
      success: method === "POST" ? 201 : 200,
      errors,
      hasQuery: query !== undefined,
      hasBody: body !== undefined,
      isList: Object.hasOwn(query?.properties ?? {}, "cursor"),
    })),
    grpc: grpcServices.flatMap(({ name: service, methods }) =>
      methods.map((method) => ({ service, method: method.name, errors: method.implementation.errors ?? [] })),
    ),
    ...events,
    calls: distinct(calls),
  };
}

const distinct = (calls: readonly DescribedCall[]) => [
  ...new Map(calls.map((call) => [`${call.protocol} ${call.service}`, call])).values(),
];

/** Ends the process: nothing was started, so nothing is left to stop. */
export async function printAndExit(description: ServiceDescription): Promise<never> {
  // Through the callback: a pipe takes what is longer than its buffer only as it is read.
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(description, null, 2)}\n`, resolve));
  process.exit(0);
}
