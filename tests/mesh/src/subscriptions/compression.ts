import { describe, expect, it } from "@jest/globals";
import { contractOf, type EventType, encodeWire } from "@weft/contracts";
import { eventually, runWeft } from "@weft/testkit";
import { packers, produce, recordBatch, WireClient } from "@weft/testkit/wire";
import { envelope, type MeshFixture, unique } from "../http/mesh-fixture.ts";

/** Producers choose how they compress; readers have no say in it. */
export function compressionTests(mesh: MeshFixture) {
  const topic = "customer.events";
  const databases = ["promotion", "review"];

  async function sendPacked(partition: number, codec: number, pack: (records: Buffer) => Buffer): Promise<string> {
    const type: EventType = "CustomerUpdated";
    const event = envelope(type, { customerId: unique("cust"), changes: { tier: "gold" } });
    const value = encodeWire(await mesh.idOf(type), JSON.stringify(event));
    const batch = recordBatch({ keys: [event.data.customerId], values: [value], codec, pack });
    const client = await WireClient.open(mesh.mesh.runtime().kafka.brokers[0]!);
    try {
      expect(contractOf(type)?.topic).toBe(topic);
      expect(await produce(client, topic, batch, -1, partition)).toMatchObject({ errorCode: 0 });
    } finally {
      client.close();
    }
    return event.eventId;
  }
  const rebuiltClients = async (service: string) => {
    const metrics = await (await fetch(`${mesh.url(service)}/metrics`)).text();
    const lines = metrics.split("\n").filter((line) => line.startsWith("weft_consumer_rebuilds_total{"));
    return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };
  const consumerOf = async (service: string) => {
    const answer = await fetch(`${mesh.url(service)}/health`);
    const { checks } = (await answer.json()) as { checks: Record<string, unknown> };
    return checks[`consumer ${service}`] as { status: string; message?: string };
  };

  describe("customer.events: compressed batches", () => {
    it.each(packers)("have their effect in every group: %s", async (_, codec, pack) => {
      const eventId = await sendPacked(0, codec, pack);
      for (const database of databases) await mesh.effect(database, eventId);
    });

    it("one that cannot be unpacked holds its partition; the others, and other groups, go on, and doctor names it", async () => {
      const services = databases.map((database) => `${database}-service`);
      const rebuiltBefore = await Promise.all(services.map(rebuiltClients));
      const garbage = await sendPacked(5, 4, () => Buffer.from("this is not zstd"));
      const behind = await sendPacked(5, 0, (records) => records);
      const beside: string[] = [];
      for (let partition = 0; partition < 5; partition += 1) {
        for (const [, codec, pack] of packers) beside.push(await sendPacked(partition, codec, pack));
      }
      for (const eventId of beside) for (const database of databases) await mesh.effect(database, eventId);
      const held = /^customer\.events\/5 is not read: the batch at offsets (\d+) to \1 cannot be unpacked \(zstd: /;
      for (const service of services) {
        const expected = { status: "degraded", message: expect.stringMatching(held) };
        await eventually(`${service} says so`, async () => (await consumerOf(service)).status === "degraded");
        expect(await consumerOf(service)).toMatchObject(expected);
      }
      const doctor = await runWeft(["doctor", "--json"], { environment: { WEFT_STATE_DIR: mesh.mesh.stateDir } });
      const findings: { check: string; ok: boolean; found: string }[] = JSON.parse(doctor.stdout);
      const dependencies = findings.find(({ check }) => check === "dependencies")!;
      expect([doctor.code, dependencies.ok]).toEqual([1, false]);
      for (const service of services) expect(dependencies.found).toContain(`${service} (`);
      expect(dependencies.found).toContain("customer.events/5 is not read");
      const effects = async (ids: string[]) => {
        const counts = await Promise.all(ids.flatMap((id) => databases.map((database) => mesh.effects(database, id))));
        return counts.reduce((sum, count) => sum + count, 0);
      };
      const rebuilt = (await Promise.all(services.map(rebuiltClients))).map((now, at) => now - rebuiltBefore[at]!);
      const counted = {
        groups: services.length,
        "beside it, effects": await effects(beside),
        "it and behind it, effects": await effects([garbage, behind]),
        "clients built anew": rebuilt.reduce((sum, count) => sum + count, 0),
      };
      console.log("a batch that cannot be unpacked", counted);
      expect(counted).toEqual({
        groups: 2,
        "beside it, effects": beside.length * 2,
        "it and behind it, effects": 0,
        "clients built anew": 0,
      });
    }, 120_000);
  });
}
