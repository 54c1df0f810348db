// A process without database and events: importing this loads neither a Kafka client nor a PostgreSQL one.

export { type LoadServiceConfigOptions, loadServiceConfig, type ServiceConfig } from "./config.ts";
// Its parts
export type { DescribedCall, DescribedEvents, ServiceDescription } from "./describe.ts";
export type { GrpcClientOptions } from "./grpc.ts";
export { type MetricsText, type PrometheusOptions, prometheusMetrics } from "./metrics.ts";
// Lists, page by page
export { type ListIdentity, type PageQuery, pageOf, pageQuery } from "./pagination.ts";
export {
  type HttpClientOptions,
  type PlainService,
  type PlainServiceOptions,
  type PlainServiceParts,
  plainService,
} from "./plain-service.ts";
export { type RecurringCollaborators, type RecurringOptions, recurring } from "./recurring.ts";
export type { ListeningComponent } from "./registration.ts";
export { type RunServiceOptions, runService } from "./run-service.ts";
