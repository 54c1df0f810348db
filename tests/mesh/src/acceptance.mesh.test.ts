import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { decodeWire } from "@weft/contracts";
import { silentLogger } from "@weft/core";
import type { Broker, IncomingRecord } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { eventually, type RunningMesh, startMesh } from "@weft/testkit";

describe("the acceptance story", () => {
  let mesh: RunningMesh;
  let broker: Broker;
  let tail: { stop(): Promise<void> };
  const records: IncomingRecord[] = [];

  beforeAll(async () => {
    mesh = await startMesh();
    broker = kafkaBroker({ log: silentLogger }, { brokers: mesh.runtime().kafka.brokers, clientId: "acceptance" });
    await broker.start();
    tail = await broker.tail({ topics: ["promotion.events", "customer.events"], from: "beginning" }, (record) => {
      records.push(record);
    });
  }, 90_000);

  afterAll(async () => {
    await tail?.stop();
    await broker?.stop();
    await mesh?.stop();
  }, 30_000);

  it("applies a promotion, raises the tier, and lets the customer use what the tier allows within a second", async () => {
    const { api } = mesh;
    const customer = await api("POST", "/v1/customers", {
      body: { customerId: "cust_story", email: "story@example.com", profile: { firstName: "Sam", lastName: "Story" } },
    });
    expect(customer.status).toBe(201);
    expect(customer.data.customer).toMatchObject({ customerId: "cust_story", tier: "bronze", lifetimeSpend: 0 });

    const dates = { effectiveFrom: "2026-01-01T00:00:00Z", effectiveTo: "2099-01-01T00:00:00Z" };
    for (const [promotionId, conditions] of [
      ["promo_all", {}],
      ["promo_silver_only", { customerTiers: ["silver", "gold", "platinum"] }],
    ] as const) {
      const created = await api("POST", "/v1/promotions", {
        body: {
          promotionId,
          name: promotionId,
          type: "percentage",
          rules: { conditions, actions: { discountValue: 10 } },
          ...dates,
        },
      });
      expect(created.status).toBe(201);
    }
    const order = (orderId: string) => ({
      orderId,
      customerId: "cust_story",
      items: [{ productId: "prod_1", quantity: 2, unitPrice: 600 }],
    });

    const refused = await api("POST", "/v1/promotions/promo_silver_only/apply", { body: order("order_too_early") });
    expect(refused.status).toBe(409);
    expect(refused.error).toMatchObject({ code: "PROMOTION_NOT_APPLICABLE", details: { reason: "customer_tier" } });

    const applied = await api("POST", "/v1/promotions/promo_all/apply", {
      body: order("order_1"),
      headers: { "x-request-id": "acceptance-story-1" },
    });
    expect(applied.status).toBe(201);
    expect(applied.data.application).toMatchObject({ originalAmount: 1200, discountAmount: 120, finalAmount: 1080 });
    const appliedAt = performance.now();

    const accepted = await eventually("the new tier is accepted", async () => {
      const answer = await api("POST", "/v1/promotions/promo_silver_only/apply", { body: order("order_2") });
      return answer.status === 201 && answer;
    });
    const took = performance.now() - appliedAt;
    expect(accepted.data.application).toMatchObject({ orderId: "order_2", discountAmount: 120 });
    expect((await api("GET", "/v1/customers/cust_story")).data.customer.tier).toBe("silver");
    process.stdout.write(`acceptance story: the new tier was accepted ${took.toFixed(0)} ms after the apply\n`);

    const chain = await eventually("both events of the chain are on their topics", () => {
      const events = records.map(summary).filter(({ correlationId }) => correlationId === "acceptance-story-1");
      return events.length >= 2 && events;
    });
    expect(chain.map(({ eventType }) => eventType)).toEqual(["PromotionApplied", "CustomerUpdated"]);
    expect(chain[1]!.causationId).toBe(chain[0]!.eventId);
    expect(chain[1]!.traceId).toBe(chain[0]!.traceId);
  }, 60_000);
});

function summary(record: IncomingRecord) {
  const header = (name: string) => record.headers[name]?.toString("utf8");
  const decoded = decodeWire(record.value ?? Buffer.alloc(0));
  const envelope = (decoded.ok ? decoded.json : {}) as { eventId?: string; eventType?: string };
  return {
    eventId: envelope.eventId,
    eventType: envelope.eventType,
    correlationId: header("correlation-id"),
    causationId: header("causation-id"),
    traceId: header("traceparent")?.split("-")[1],
  };
}
