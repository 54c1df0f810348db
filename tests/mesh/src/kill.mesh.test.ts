import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually, type RunningMesh, startMesh } from "@weft/testkit";
import { Client } from "pg";

const targets = [
  "catalog-service",
  "pricing-service",
  "promotion-service",
  "customer-service",
  "gateway",
  "consul",
  "schema-registry",
  "kafka",
  "postgres",
];
const customers = ["cust_k1", "cust_k2", "cust_k3"];
const products = ["prod_k1", "prod_k2"];
const acknowledgedBetweenKills = 20;

/** Keeps asking, always with the same Idempotency-Key for the same thing, until it is acknowledged: what a careful caller does. */
class Traffic {
  readonly applied = new Map<string, { customerId: string; finalAmount: number }>();
  readonly prices = new Map<string, number>();
  acknowledged = 0;
  attempts = 0;
  private stopping = false;
  private readonly mesh: RunningMesh;
  private readonly workers: Promise<void>[];

  constructor(mesh: RunningMesh) {
    this.mesh = mesh;
    this.workers = [this.applyPromotions(0), this.applyPromotions(1), this.changePrices(0), this.changePrices(1)];
  }

  async stop() {
    this.stopping = true;
    await Promise.all(this.workers);
  }

  private async acknowledge(key: string, method: string, path: string, body: unknown) {
    for (;;) {
      this.attempts++;
      const answer = await this.mesh
        .api(method, path, { body, headers: { "idempotency-key": key } })
        .catch(() => undefined); // the gateway itself may be the one that is dead
      if (answer && answer.status < 300) {
        this.acknowledged++;
        return answer;
      }
      if (answer && answer.status < 500 && ![409, 429].includes(answer.status)) {
        throw new Error(`${method} ${path} was refused: ${answer.status} ${JSON.stringify(answer.error)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async applyPromotions(worker: number) {
    for (let n = 0; !this.stopping; n++) {
      const orderId = `order_${worker}_${n}`;
      const customerId = customers[n % customers.length]!;
      const items = [{ productId: "prod_k1", quantity: 1, unitPrice: 1 + (n % 7) }];
      const { data } = await this.acknowledge(orderId, "POST", "/v1/promotions/promo_k/apply", {
        orderId,
        customerId,
        items,
      });
      this.applied.set(orderId, { customerId, finalAmount: data.application.finalAmount });
    }
  }

  private async changePrices(worker: number) {
    for (let n = 1; !this.stopping; n++) {
      const productId = products[worker]!;
      await this.acknowledge(`${productId}-${n}`, "PUT", `/v1/pricing/products/${productId}/price`, {
        basePrice: n,
        currency: "EUR",
      });
      this.prices.set(productId, n);
    }
  }
}

describe("the mesh under kill -9", () => {
  let mesh: RunningMesh;
  const databases = new Map<string, Client>();

  const rows = async <R extends object>(database: string, sql: string, values: unknown[] = []) => {
    let client = databases.get(database);
    if (!client) {
      client = new Client({ connectionString: mesh.runtime().postgres.url.replace("{database}", database) });
      client.on("error", () => databases.delete(database));
      await client.connect();
      databases.set(database, client);
    }
    return (await client.query<R>(sql, values)).rows;
  };

  beforeAll(async () => {
    mesh = await startMesh({
      arguments: ["--only", "catalog,pricing,promotion,customer"],
      environment: { WEFT_RATE_LIMIT: "off" },
    });
    for (const customerId of customers) {
      const body = {
        customerId,
        email: `${customerId}@example.com`,
        profile: { firstName: "K", lastName: customerId },
      };
      expect((await mesh.api("POST", "/v1/customers", { body })).status).toBe(201);
    }
    for (const productId of products) {
      const body = { productId, sku: productId.toUpperCase(), name: productId, categoryId: "k" };
      expect((await mesh.api("POST", "/v1/catalog/products", { body })).status).toBe(201);
    }
    const body = {
      promotionId: "promo_k",
      name: "kill",
      type: "percentage",
      rules: { actions: { discountValue: 10 } },
      effectiveFrom: "2026-01-01T00:00:00Z",
      effectiveTo: "2099-01-01T00:00:00Z",
    };
    expect((await mesh.api("POST", "/v1/promotions", { body })).status).toBe(201);
  }, 240_000);

  afterAll(async () => {
    for (const client of databases.values()) await client.end().catch(() => {});
    await mesh?.stop();
  }, 180_000);

  it("loses nothing that it acknowledged and does nothing twice, whoever dies", async () => {
    const traffic = new Traffic(mesh);
    for (const target of targets) {
      const before = traffic.acknowledged;
      const begun = performance.now();
      await mesh.kill(target);
      const back = performance.now() - begun;
      await eventually(
        `writes are acknowledged again after ${target} died`,
        () => traffic.acknowledged >= before + acknowledgedBetweenKills,
        {
          timeoutMs: 60_000,
        },
      );
      process.stdout.write(
        `killed ${target.padEnd(20)} back after ${back.toFixed(0).padStart(5)} ms, ${acknowledgedBetweenKills} more writes after ${(performance.now() - begun).toFixed(0).padStart(5)} ms\n`,
      );
    }
    await traffic.stop();
    for (const client of databases.values()) await client.end().catch(() => {});
    databases.clear();

    const publishers = ["promotion", "customer", "catalog", "pricing"];
    await eventually(
      "every outbox is empty",
      async () => {
        for (const database of publishers) {
          const [{ pending }] = (await rows<{ pending: number }>(
            database,
            "SELECT count(*)::int AS pending FROM weft.outbox_pending",
          )) as [{ pending: number }];
          if (pending > 0) return false;
        }
        return true;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );

    const effectsOf = (database: string, type: string) =>
      rows<{ event_id: string; aggregate_id: string; event_sequence: string }>(
        database,
        "SELECT event_id, aggregate_id, event_sequence FROM weft.inbox_effects WHERE event_type = $1 ORDER BY applied_at",
        [type],
      );
    const published = (database: string, type: string) =>
      rows<{ event_id: string }>(database, "SELECT event_id FROM weft.outbox WHERE event_type = $1", [type]);

    const compare = async (type: string, publisher: string, subscriber: string) => {
      const written = await published(publisher, type);
      const effects = await eventually(
        `every ${type} has its effect in ${subscriber}`,
        async () => {
          const found = await effectsOf(subscriber, type);
          return found.length >= written.length && found;
        },
        { timeoutMs: 60_000, everyMs: 200 },
      );
      const distinct = new Set(effects.map(({ event_id }) => event_id));
      process.stdout.write(
        `${type}: ${written.length} written by ${publisher}, ${effects.length} effects in ${subscriber}, ${distinct.size} of them distinct\n`,
      );
      expect(distinct).toEqual(new Set(written.map(({ event_id }) => event_id)));
      expect(effects.length).toBe(written.length);
      return effects;
    };

    const applied = await compare("PromotionApplied", "promotion", "customer");
    await compare("PriceChanged", "pricing", "catalog");
    await compare("CustomerCreated", "customer", "promotion");
    await compare("CustomerUpdated", "customer", "promotion");
    await compare("PromotionCreated", "promotion", "catalog");
    await compare("ProductCreated", "catalog", "pricing");

    process.stdout.write(
      `${traffic.acknowledged} writes acknowledged in ${traffic.attempts} attempts, ${traffic.applied.size} applications\n`,
    );
    expect(new Set(applied.map(({ aggregate_id }) => aggregate_id))).toEqual(new Set(traffic.applied.keys()));
    expect(applied.length).toBe(traffic.applied.size);

    for (const customerId of customers) {
      const cents = [...traffic.applied.values()]
        .filter((application) => application.customerId === customerId)
        .reduce((sum, { finalAmount }) => sum + Math.round(finalAmount * 100), 0);
      const { data } = await mesh.api("GET", `/v1/customers/${customerId}`);
      expect(Math.round(data.customer.lifetimeSpend * 100)).toBe(cents);
    }
    for (const [productId, price] of traffic.prices) {
      // A page goes without a price that is late.
      const pricing = await eventually(
        `the page of ${productId} has a price`,
        async () => (await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.pricing ?? undefined,
      );
      expect(pricing.basePrice).toBe(price);
    }
  }, 300_000);
});
