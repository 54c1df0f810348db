export { type BrokerUnderTest, brokerConformance } from "./broker.ts";
export { packers } from "./broker-compression.ts";
export { type ConsulUnderTest, type ConsulWithAcls, consulAclConformance, consulConformance } from "./consul.ts";
export { oldConsulDeviations } from "./consul-deviations.ts";
export { type KafkaUnderTest, kafkaConformance } from "./kafka.ts";
export { embeddedKafkaDeviations } from "./kafka-deviations.ts";
export { produce, recordBatch, WireClient } from "./kafka-wire.ts";
export { type SchemaRegistryUnderTest, schemaRegistryConformance } from "./schema-registry.ts";
export { apicurioDeviations } from "./schema-registry-deviations.ts";
