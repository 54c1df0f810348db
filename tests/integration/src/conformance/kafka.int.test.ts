import { kafkaConformance } from "@weft/testkit/conformance";
import { sharedAddresses } from "@weft/testkit/infrastructure";

kafkaConformance("Apache Kafka", async () => ({ brokers: sharedAddresses().kafka.brokers, async stop() {} }));
