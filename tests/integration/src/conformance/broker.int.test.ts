import { silentLogger } from "@weft/core";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { brokerConformance } from "@weft/testkit/conformance";
import { kafkaContainers } from "@weft/testkit/infrastructure";

const sessionTimeoutMs = 10_000;

// A cluster of its own, because these scripts stop it.
brokerConformance("kafkajs on Apache Kafka", async () => {
  const { brokers, servers, remove } = await kafkaContainers();
  const broker = kafkaBroker(
    { log: silentLogger },
    { brokers, clientId: "conformance", sessionTimeoutMs, heartbeatMs: 1_000, fetchWaitMs: 100 },
  );
  await broker.start();
  return {
    broker,
    brokers,
    sessionTimeoutMs,
    async restart() {
      await servers[0]?.restart();
    },
    async stop() {
      await broker.stop();
      await remove();
    },
  };
});
