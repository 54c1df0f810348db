import { expect } from "@jest/globals";
import { sleep } from "@weft/core";
import { type MeshFixture, things, unique } from "@weft/mesh-tests/suites";
import { eventually } from "@weft/testkit";

/** Long enough for a broker's session, an election and the caller's own backoff, one after the other. */
const recovery = { timeoutMs: 100_000, everyMs: 200 };

/**
 * A careful caller of pricing-service: each price has its own Idempotency-Key and is asked for until it is acknowledged. What
 * was acknowledged must come out at the other end once, in order, whatever died in between.
 */
export class PriceChanges {
  /** Product → the last price that was acknowledged; the n-th price of a product is n. */
  readonly acknowledged = new Map<string, number>();
  /** Attempts that were not acknowledged, each with what came instead. */
  readonly refused: string[] = [];
  private readonly mesh: MeshFixture;
  private readonly workers: Promise<void>[];
  private isOver = false;

  private constructor(mesh: MeshFixture, products: string[]) {
    this.mesh = mesh;
    this.workers = products.map((productId) => this.change(productId));
  }

  /** Runs `outage` between acknowledged changes, waits until they go on, and holds both ends against each other. */
  static async during(mesh: MeshFixture, outage: (changes: PriceChanges) => Promise<void>): Promise<PriceChanges> {
    const { product } = things(mesh);
    const products = await Promise.all([product(), product(), product(), product()]);
    const changes = new PriceChanges(mesh, products);
    try {
      await changes.goOn("before the outage", 20);
      await outage(changes);
      await changes.goOn("after the outage", 20);
    } finally {
      changes.isOver = true;
      await Promise.all(changes.workers);
    }
    for (const productId of products) await changes.compare(productId);
    return changes;
  }

  /** Waits for more acknowledged changes. */
  async goOn(when: string, count: number): Promise<void> {
    const until = this.total() + count;
    await eventually(`${count} changes are acknowledged ${when}`, () => this.total() >= until, recovery);
  }

  total(): number {
    return [...this.acknowledged.values()].reduce((sum, n) => sum + n, 0);
  }

  private async change(productId: string): Promise<void> {
    for (let n = 1; !this.isOver; n++) {
      const key = unique("key");
      const until = performance.now() + 120_000;
      for (;;) {
        const answer = await this.mesh
          .api("PUT", `/v1/pricing/products/${productId}/price`, {
            body: { basePrice: n, currency: "EUR" },
            headers: { "idempotency-key": key },
          })
          .catch((error: Error) => error);
        if (!(answer instanceof Error) && answer.status === 200) break;
        this.refused.push(answer instanceof Error ? answer.message : `${answer.status} ${answer.error?.code}`);
        if (performance.now() > until) throw new Error(`price ${n} of ${productId} was never acknowledged`);
        await sleep(50);
      }
      this.acknowledged.set(productId, n);
      // Always some on their way, and few enough that two processors do not spend the outage on them.
      await sleep(80);
    }
  }

  private async compare(productId: string): Promise<void> {
    const count = this.acknowledged.get(productId) ?? 0;
    const expected = Array.from({ length: count }, (_, index) => index + 1);
    const sql = `SELECT event_sequence::int AS n FROM weft.inbox_effects
      WHERE topic = 'pricing.events' AND aggregate_id = $1 ORDER BY applied_at, event_sequence`;
    const effects = await eventually(
      `catalog has all ${count} prices of ${productId}`,
      async () => {
        const rows = await this.mesh.rows<{ n: number }>("catalog", sql, [productId]);
        return rows.length >= count && rows.map(({ n }) => n);
      },
      recovery,
    );
    expect(effects).toEqual(expected);
    // On the topic a repetition is allowed, a gap or an inversion is not.
    const prices = await eventually(
      `all prices of ${productId} are on the topic`,
      () => {
        const records = this.mesh
          .records(({ topic, key }) => topic === "pricing.events" && key === productId)
          .sort((a, b) => Number(a.offset - b.offset));
        const first = [...new Set(records.map(({ headers }) => Number(headers["event-sequence"])))];
        return first.length >= count && first;
      },
      recovery,
    );
    expect(prices).toEqual(expected);
    // The page goes without a price that is late, which it may be right after an outage; a wrong one is shown at once.
    const { basePrice } = await eventually(
      `the page of ${productId} has its price`,
      async () => (await this.mesh.api("GET", `/v1/catalog/products/${productId}`)).data.pricing ?? undefined,
      recovery,
    );
    expect(basePrice).toBe(count);
  }
}
