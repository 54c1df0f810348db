export { type BrokerUnderTest, brokerConformance } from "./broker.ts";
export { type ConsulUnderTest, type ConsulWithAcls, consulAclConformance, consulConformance } from "./consul.ts";
export { oldConsulDeviations } from "./consul-deviations.ts";
export { type KafkaUnderTest, kafkaConformance } from "./kafka.ts";
export { embeddedKafkaDeviations } from "./kafka-deviations.ts";
export { type SchemaRegistryUnderTest, schemaRegistryConformance } from "./schema-registry.ts";
export { apicurioDeviations } from "./schema-registry-deviations.ts";
