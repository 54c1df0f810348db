// The things that a service owns
export {
  type AggregateStore,
  type AggregateStoreOptions,
  type AggregatesInTransaction,
  aggregateStore,
  type Condition,
  type Decision,
  EventOfAnotherAggregate,
  type NewEvent,
  StoreNamesInvalid,
} from "./aggregate-store.ts";
// A whole service in short
export { type EventService, type EventServiceOptions, type EventServiceParts, eventService } from "./event-service.ts";
// All else
export {
  type DescribedCall,
  type DescribedEvents,
  type GrpcClientOptions,
  type HttpClientOptions,
  type ListeningComponent,
  type ListIdentity,
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
  type RecurringCollaborators,
  type RecurringOptions,
  type RunServiceOptions,
  recurring,
  runService,
  type ServiceConfig,
  type ServiceDescription,
} from "./plain.ts";
// What events of others leave behind
export { type ProjectedRow, project } from "./projection.ts";
