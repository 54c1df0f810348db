export { kafkaBroker } from "./kafka-broker.ts";
export type { KafkaBrokerOptions } from "./options.ts";
