// A whole service in short
export { type EventService, type EventServiceOptions, type EventServiceParts, eventService } from "./event-service.ts";
// All else
export {
  type HttpClientOptions,
  type ListeningComponent,
  type LoadServiceConfigOptions,
  loadServiceConfig,
  type MetricsText,
  type PageQuery,
  type PlainService,
  type PlainServiceOptions,
  type PlainServiceParts,
  type PrometheusOptions,
  pageOf,
  pageQuery,
  plainService,
  prometheusMetrics,
  type RunServiceOptions,
  runService,
  type ServiceConfig,
} from "./plain.ts";
// What events of others leave behind
export { type ProjectedRow, project } from "./projection.ts";
