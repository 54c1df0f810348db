import { sleep } from "@weft/core";
import type { RunningMesh } from "@weft/testkit";

const customers = ["cust_careful_1", "cust_careful_2", "cust_careful_3"];
const products = ["prod_careful_1", "prod_careful_2"];
const promotionId = "promo_careful";

/** Before the next thing. Without it four callers keep two processors busy, and a killed process waits for its start. */
const restMs = 200;
/** Before the same thing again: soon enough to meet an earlier attempt while that is still under way. */
const repeatMs = 20;

/**
 * Keeps asking, always with the same Idempotency-Key for the same thing, until it is acknowledged: what a careful caller does.
 * Two callers apply a promotion for the same customers, two change the price of a product each. Nobody else touches these.
 */
export class CarefulTraffic {
  readonly customers: readonly string[] = customers;
  /** What was acknowledged, by order. */
  readonly applied = new Map<string, { customerId: string; finalAmount: number }>();
  /** The last that was acknowledged, by product. */
  readonly prices = new Map<string, number>();
  acknowledged = 0;
  attempts = 0;
  /** Requests that wait for their answer. */
  underWay = 0;
  private readonly mesh: RunningMesh;
  private readonly stopping = new AbortController();
  private readonly leaving = new AbortController();
  private callers: Promise<unknown> = Promise.resolve();

  constructor(mesh: RunningMesh) {
    this.mesh = mesh;
  }

  /** Creates what the callers work on, then lets them begin. */
  async start(): Promise<void> {
    for (const customerId of customers) {
      const profile = { firstName: "Cara", lastName: "Careful" };
      const body = { customerId, email: `${customerId}@example.com`, profile };
      await this.acknowledge(customerId, "POST", "/v1/customers", body);
    }
    for (const productId of products) {
      const body = { productId, sku: productId.toUpperCase(), name: productId, categoryId: "careful" };
      await this.acknowledge(productId, "POST", "/v1/catalog/products", body);
    }
    await this.acknowledge(promotionId, "POST", "/v1/promotions", {
      promotionId,
      name: "For careful callers",
      type: "percentage",
      rules: { actions: { discountValue: 10 } },
      effectiveFrom: "2026-01-01T00:00:00Z",
      effectiveTo: "2099-01-01T00:00:00Z",
    });
    const callers = [1, 2].map((caller) => this.applyPromotions(caller));
    this.callers = Promise.all([...callers, ...products.map((productId) => this.changePrices(productId))]);
    this.callers.catch(() => this.leave()); // whoever stops them is told
  }

  /** Nothing new begins, and what is under way is brought to its acknowledgement. @throws where something was refused */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.callers;
  }

  /** What is under way is left as it is. */
  leave(): void {
    this.leaving.abort();
  }

  private async applyPromotions(caller: number) {
    for (let n = 1; !this.stopping.signal.aborted; n++) {
      const orderId = `order_careful_${caller}_${n}`;
      const customerId = customers[n % customers.length]!;
      const items = [{ productId: products[0], quantity: 1, unitPrice: 19.99 + (n % 7) }];
      const { data } = await this.acknowledge(orderId, "POST", `/v1/promotions/${promotionId}/apply`, {
        orderId,
        customerId,
        items,
      });
      this.applied.set(orderId, { customerId, finalAmount: data.application.finalAmount });
      await this.rest();
    }
  }

  private async changePrices(productId: string) {
    for (let basePrice = 1; !this.stopping.signal.aborted; basePrice++) {
      const body = { basePrice, currency: "EUR" };
      await this.acknowledge(`${productId}-${basePrice}`, "PUT", `/v1/pricing/products/${productId}/price`, body);
      this.prices.set(productId, basePrice);
      await this.rest();
    }
  }

  private rest = () => sleep(restMs, this.leaving.signal);

  private async acknowledge(key: string, method: string, path: string, body: unknown) {
    for (;;) {
      this.attempts++;
      this.underWay++;
      const answer = await this.mesh
        .api(method, path, { body, headers: { "idempotency-key": key } })
        .catch(() => undefined) // the gateway itself may be the one that is dead
        .finally(() => this.underWay--);
      if (answer && answer.status < 300) {
        this.acknowledged++;
        return answer;
      }
      if (answer && answer.status < 500 && ![409, 429].includes(answer.status)) {
        throw new Error(`${method} ${path} was refused: ${answer.status} ${JSON.stringify(answer.error)}`);
      }
      await sleep(repeatMs, this.leaving.signal);
    }
  }
}
