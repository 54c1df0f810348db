import { describe, expect, it } from "@jest/globals";
import type { MeshFixture } from "@weft/mesh-tests/suites";
import { eventually } from "@weft/testkit";
import type { Infrastructure } from "@weft/testkit/infrastructure";
import { Kafka, logLevel } from "kafkajs";
import { PriceChanges } from "./price-changes.ts";

const topic = "pricing.events";

export function kafkaOutages(mesh: MeshFixture, servers: () => Infrastructure) {
  /** Partition → the node that leads it. */
  const leaders = async () => {
    const kafka = new Kafka({ clientId: "outages", brokers: servers().kafka.brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return (topics[0]?.partitions ?? []).map(({ leader, replicas, isr }) => ({ leader, replicas, isr }));
    } finally {
      await admin.disconnect();
    }
  };

  describe("one of three brokers is killed", () => {
    it("others lead what it led; no acknowledged change is lost or doubled, and each product keeps its order", async () => {
      const before = await leaders();
      expect(before.map(({ replicas }) => replicas.length)).toEqual(before.map(() => 3));
      const victim = before[0]!.leader;
      const broker = servers().kafka.servers[victim - 1]!;
      await PriceChanges.during(mesh, async (changes) => {
        await broker.halt("immediate");
        await eventually(
          `nobody waits for broker ${victim} any more`,
          async () => (await leaders()).every(({ leader }) => leader !== victim && leader > 0),
          { timeoutMs: 60_000, everyMs: 250 },
        );
        await changes.goOn("with two brokers", 20);
        await broker.start();
      });
      await eventually(
        "the third broker has caught up",
        async () => (await leaders()).every((p) => p.isr.length === 3),
        {
          timeoutMs: 60_000,
          everyMs: 250,
        },
      );
    }, 330_000);
  });

  describe("all brokers are killed", () => {
    it("changes are acknowledged while there is no Kafka, and all of them arrive once it is back", async () => {
      const all = servers().kafka.servers;
      await PriceChanges.during(mesh, async (changes) => {
        await Promise.all(all.map((broker) => broker.halt("immediate")));
        await changes.goOn("without Kafka", 20);
        await Promise.all(all.map((broker) => broker.start()));
      });
    }, 330_000);
  });
}
