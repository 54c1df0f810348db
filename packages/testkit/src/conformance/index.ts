export { type BrokerUnderTest, brokerConformance } from "./broker.ts";
export { type ConsulUnderTest, consulConformance } from "./consul.ts";
export { type KafkaUnderTest, kafkaConformance } from "./kafka.ts";
export { type SchemaRegistryUnderTest, schemaRegistryConformance } from "./schema-registry.ts";
