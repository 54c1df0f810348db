import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { within } from "@weft/core";
import { type ApiAnswer, eventually, type RunningMesh, startMesh } from "@weft/testkit";
import { hostPort } from "@weft/testkit/infrastructure";
import { Client } from "pg";
import { type Asked, breakersIn, databaseOutage } from "./outages/database-away.ts";
import { type BreakPoint, SqlProxy } from "./shipping-kill/sql-proxy.ts";

/**
 * Shipping and inventory as processes, killed with `kill -9` at each step of creating and of cancelling a shipment. A step is
 * reached by stopping what the process says to PostgreSQL just there. The client is a careful one: it sends its request with
 * the same Idempotency-Key until it has an answer.
 *
 * Each case has a product of its own of which there is just as much as the shipment needs: a reservation that leaked would make
 * the repetition fail.
 */

const shipping = "shipping-service";
const inventory = "warehouse-inventory-service";
const inShipping = (at: RegExp, more: Partial<BreakPoint> = {}): BreakPoint => ({ database: "shipping", at, ...more });
const inInventory = (at: RegExp, more: Partial<BreakPoint> = {}): BreakPoint => ({
  database: "warehouse_inventory",
  at,
  ...more,
});
const commit = /^Q....COMMIT\0/s;
/** The handler's change and the inbox row, in either order; the sweep of what expired has no inbox row. */
const confirmation = /update reservations.*weft\.inbox|weft\.inbox.*update reservations/s;

interface Case {
  stop: BreakPoint;
  /** @defaultValue shipping-service */
  victim?: string;
  /** Whether the client has its answer although nothing goes on from there. */
  isAnswered?: true;
}

const relay: Record<string, Case> = {
  "after the answer, before the event is sent": {
    stop: inShipping(/AS "aggregateId", event_sequence AS sequence, event_id AS "eventId"/),
    isAnswered: true,
  },
  "after the event is sent, before that is noted": {
    stop: inShipping(/UPDATE weft\.outbox SET published_at/),
    isAnswered: true,
  },
};

const creating: Record<string, Case> = {
  "before the reservation": { stop: inShipping(/select \* from shipments where shipment_id/) },
  "while the reservation is made": { stop: inInventory(commit, { within: /insert into reservations/ }) },
  "after the reservation, before the transaction": { stop: inShipping(/pg_try_advisory_xact_lock/) },
  "in the transaction, before the shipment": { stop: inShipping(/insert into shipments/) },
  "in the transaction, before the event": { stop: inShipping(/INSERT INTO weft\.outbox/) },
  "in the transaction, before the answer is stored": { stop: inShipping(/INSERT INTO weft\.idempotency_keys/) },
  "before the commit": { stop: inShipping(commit, { within: /insert into shipments/ }) },
  "after the commit, before the answer": {
    stop: inShipping(commit, { within: /insert into shipments/, when: "after" }),
  },
  ...relay,
  "while inventory makes the reservation, which dies": {
    stop: inInventory(commit, { within: /insert into reservations/ }),
    victim: inventory,
  },
  "after inventory made the reservation, which dies before its answer": {
    stop: inInventory(commit, { within: /insert into reservations/, when: "after" }),
    victim: inventory,
  },
  "while inventory confirms, which dies": {
    stop: inInventory(commit, { within: confirmation }),
    victim: inventory,
    isAnswered: true,
  },
  "after inventory confirmed, which dies before it notes how far it read": {
    stop: inInventory(commit, {
      within: confirmation,
      when: "after",
    }),
    victim: inventory,
    isAnswered: true,
  },
};

const cancelling: Record<string, Case> = {
  "before the transaction": { stop: inShipping(/pg_try_advisory_xact_lock/) },
  "in the transaction, before the status": { stop: inShipping(/update shipments/) },
  "in the transaction, before the event": { stop: inShipping(/INSERT INTO weft\.outbox/) },
  "before the commit": { stop: inShipping(commit, { within: /update shipments/ }) },
  "after the commit, before the answer": { stop: inShipping(commit, { within: /update shipments/, when: "after" }) },
  ...relay,
  "while inventory gives the stock back, which dies": {
    stop: inInventory(commit, { within: /update reservations/ }),
    victim: inventory,
    isAnswered: true,
  },
  "after inventory gave the stock back, which dies before it notes how far it read": {
    stop: inInventory(commit, { within: /update reservations/, when: "after" }),
    victim: inventory,
    isAnswered: true,
  },
};

describe("shipping and inventory under kill -9, step by step", () => {
  let proxy: SqlProxy;
  let mesh: RunningMesh;
  let clients: Record<"shipping" | "warehouse_inventory", Client>;
  const quantity = 3;
  const warehouseId = "wh_kill";
  /** The product of each case. */
  const cases = new Map<string, string>();

  beforeAll(async () => {
    const postgresPort = await hostPort();
    proxy = new SqlProxy(postgresPort);
    const postgresUrl = (port: number) => `postgres://weft:weft@127.0.0.1:${port}/{database}`;
    mesh = await startMesh({
      arguments: ["--only", "shipping,warehouse-inventory"],
      environment: {
        WEFT_RATE_LIMIT: "off",
        WEFT_POSTGRES_PORT: String(postgresPort),
        WEFT_POSTGRES_URL: postgresUrl(await proxy.start()),
        WEFT_RESERVATION_TTL: "3s",
        WEFT_RESERVATION_SWEEP_INTERVAL: "200ms",
      },
    });
    const connected = async (database: string) => {
      const client = new Client({ connectionString: postgresUrl(postgresPort).replace("{database}", database) });
      await client.connect();
      return client;
    };
    clients = {
      shipping: await connected("shipping"),
      warehouse_inventory: await connected("warehouse_inventory"),
    };
  }, 240_000);

  afterAll(async () => {
    for (const client of Object.values(clients ?? {})) await client.end();
    await mesh?.stop();
    await proxy?.stop();
  }, 120_000);

  const rows = async <Row extends object>(database: keyof typeof clients, sql: string, values: unknown[] = []) =>
    (await clients[database].query<Row>(sql, values)).rows;

  /** Just as much as one shipment needs. */
  async function product(name: string): Promise<string> {
    const productId = `prod_kill_${cases.size}`;
    cases.set(name, productId);
    const path = `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
    // The case before may have killed inventory just now.
    await eventually(
      `${productId} is counted`,
      async () => (await mesh.api("PUT", path, { body: { onHand: quantity } })).status === 200,
      { timeoutMs: 60_000 },
    );
    return productId;
  }

  const bodyFor = (productId: string) => ({
    orderId: `order_${productId}`,
    customerId: "cust_kill",
    fulfillmentEntity: { type: "warehouse", id: warehouseId },
    items: [{ productId, sku: productId, quantity }],
  });

  const url = (service: string) => mesh.runtime().services.find(({ name }) => name === service)!.http;

  /**
   * Sends it until there is an answer that will not change; past the gateway, whose breaker would keep the client away from a
   * shipping-service that is back for as long as it is open.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
  function acknowledged(method: string, path: string, body: object, key: string): Promise<ApiAnswer<any>> {
    return eventually(
      `${method} ${path} is answered`,
      async () => {
        const answer = await mesh.api(method, path, { body, headers: { "idempotency-key": key }, base: url(shipping) });
        const isFinal = answer.status < 500 && answer.error?.code !== "REQUEST_IN_PROGRESS";
        return isFinal && answer;
      },
      { timeoutMs: 60_000, everyMs: 50 },
    );
  }

  /** Brings a request to the step, kills who is meant to die there, and gives the answer that the client has in the end. */
  async function killedAt<T>({ stop, victim = shipping, isAnswered }: Case, request: () => Promise<T>): Promise<T> {
    const point = proxy.stopAt(stop);
    const answer = request();
    answer.catch(() => {}); // what it came to is asked at the end
    try {
      if (isAnswered) await answer;
      await within(90_000, point.reached, () => {
        throw new Error(`${stop.at} was never said`);
      });
      await mesh.kill(victim);
    } finally {
      point.release();
    }
    return answer;
  }

  const openQuantity = async (productId: string): Promise<number> => {
    const [row] = await rows<{ shipments: number }>(
      "shipping",
      "select count(*)::int as shipments from shipments where order_id = $1 and status in ('created', 'picked')",
      [bodyFor(productId).orderId],
    );
    return row!.shipments * quantity;
  };

  /** Nothing is under way any more: then reserved is what is open, and on hand what was counted. */
  async function balanced(name: string): Promise<void> {
    const productId = cases.get(name)!;
    const reserved = await openQuantity(productId);
    await eventually(
      `${name}: ${reserved} of ${productId} are reserved, and nothing is held`,
      async () => {
        const [stock] = await rows<{ on_hand: string; reserved: string }>(
          "warehouse_inventory",
          "select on_hand, reserved from stocks where product_id = $1",
          [productId],
        );
        const held = await rows(
          "warehouse_inventory",
          "select from reservations join reservation_items using (reservation_id) where status = 'held' and product_id = $1",
          [productId],
        );
        const isBalanced = Number(stock!.reserved) === reserved && Number(stock!.on_hand) === quantity;
        return isBalanced && held.length === 0;
      },
      { timeoutMs: 40_000, everyMs: 50 },
    );
  }

  describe("creating", () => {
    it.each(Object.entries(creating))(
      "%s",
      async (name, one) => {
        const productId = await product(`creating, ${name}`);
        const body = bodyFor(productId);
        const answer = await killedAt(one, () => acknowledged("POST", "/v1/shipments", body, productId));
        expect([answer.status, answer.error]).toEqual([201, undefined]);
        const again = await acknowledged("POST", "/v1/shipments", body, productId);
        expect([again.status, again.data]).toEqual([201, answer.data]);
        expect(await openQuantity(productId)).toBe(quantity);
      },
      180_000,
    );
  });

  describe("cancelling", () => {
    it.each(Object.entries(cancelling))(
      "%s",
      async (name, one) => {
        const productId = await product(`cancelling, ${name}`);
        const { data } = await acknowledged("POST", "/v1/shipments", bodyFor(productId), productId);
        if (one.victim === inventory) await balanced(`cancelling, ${name}`); // it is to die of the cancellation
        const path = `/v1/shipments/${data.shipment.shipmentId}`;
        const answer = await killedAt(one, () => acknowledged("PATCH", path, { status: "cancelled" }, productId));
        expect([answer.status, answer.data.shipment.status]).toEqual([200, "cancelled"]);
        expect(await openQuantity(productId)).toBe(0);
      },
      180_000,
    );
  });

  /** Every second request writes in one service, the others read from the other. */
  const readsAndWrites = (n: number): Asked =>
    n % 2 === 0
      ? { method: "GET", path: "/v1/shipments?limit=1" }
      : {
          method: "PUT",
          path: `/v1/inventory/products/prod_outage_${n % 10}/warehouses/${warehouseId}`,
          body: { onHand: n },
        };

  describe("PostgreSQL is away", () => {
    it.each([
      ["gone", 15_000],
      ["hangs", 6_000],
    ] as const)(
      "requests go through the gateway within 5 s once it answers, and all breakers are closed within 10 s: it is %s for %d ms",
      async (how, awayMs) => {
        const { firstMs, closedMs, opened } = await databaseOutage(mesh, {
          what: `PostgreSQL ${how}`,
          ask: readsAndWrites,
          takeAway: () => proxy.away(how),
          bringBack: () => proxy.back(),
          question: () => rows("shipping", "select 1"),
          awayMs,
        });
        expect(firstMs).toBeLessThanOrEqual(5000);
        expect(closedMs).toBeLessThanOrEqual(10_000);
        if (how === "gone") expect(opened).toBe(0);
      },
      240_000,
    );
  });

  describe("the disk of PostgreSQL is full", () => {
    it("writes are 503 with Retry-After, nearly all without a transaction; reads go on, no breaker opens, and writes come back", async () => {
      const begunAt = Date.now();
      await rows("warehouse_inventory", "create sequence tried");
      await rows(
        "warehouse_inventory",
        `create function disk_is_full() returns trigger language plpgsql as $$
          begin perform nextval('tried'); raise exception 'no space left on device' using errcode = '53100'; end $$`,
      );
      await rows(
        "warehouse_inventory",
        "create trigger disk_is_full before insert or update on stocks execute function disk_is_full()",
      );
      const path = `/v1/inventory/products/prod_disk/warehouses/${warehouseId}`;
      const write = () => mesh.api("PUT", path, { body: { onHand: 1 } });
      const answers: ApiAnswer<unknown>[] = [];
      for (let count = 0; count < 100; count += 1) answers.push(await write());
      const told = answers.map(
        ({ status, error, headers }) => `${status} ${error?.code} ${headers.get("retry-after")}`,
      );
      expect(new Set(told)).toEqual(new Set(["503 SERVICE_UNAVAILABLE 5"]));
      expect(new Set(answers.map(({ error }) => error?.details?.cause))).toEqual(new Set(["resource"]));
      const reads = await Promise.all(
        Array.from({ length: 20 }, () => mesh.api("GET", path.replace("prod_disk", "prod_outage_1"))),
      );
      expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200]));
      const [{ tried }] = (await rows<{ tried: number }>(
        "warehouse_inventory",
        "select last_value::int as tried from tried",
      )) as [{ tried: number }];
      const { opened } = breakersIn(mesh, begunAt);
      process.stdout.write(
        `the disk was full: ${answers.length} writes were 503, ${tried} of them met the database; 20 of 20 reads were 200; ${opened} breakers opened\n`,
      );
      expect(tried).toBeLessThan(50);
      expect(opened).toBe(0);
      await rows("warehouse_inventory", "drop trigger disk_is_full on stocks");
      await eventually("writes are taken again", async () => (await write()).status === 200);
      const again = await Promise.all(Array.from({ length: 10 }, write));
      expect(again.map(({ status }) => status)).toEqual(again.map(() => 200));
    }, 120_000);
  });

  describe("in the end", () => {
    it("what is open is reserved, nothing else is held, and what was counted is there", async () => {
      for (const name of cases.keys()) await balanced(name);
    }, 240_000);

    it("nothing was ever below zero", async () => {
      // Every change of a stock left its StockChanged in the outbox, in its own transaction: no look can have seen another state.
      const changes = await rows<{ data: { onHand: number; reserved: number; available: number } }>(
        "warehouse_inventory",
        "select envelope::json -> 'data' as data from weft.outbox where event_type = 'StockChanged'",
      );
      expect(changes.length).toBeGreaterThan(2 * cases.size);
      expect(changes.filter(({ data }) => data.onHand < 0 || data.reserved < 0 || data.available < 0)).toEqual([]);
    });

    it("each event of a shipment was written once and had one effect", async () => {
      const told = await rows<{ event_id: string }>("shipping", "select event_id from weft.outbox order by event_id");
      expect(told).toHaveLength(Object.keys(creating).length + 2 * Object.keys(cancelling).length);
      const applied = () => rows("warehouse_inventory", "select event_id from weft.inbox_effects order by event_id");
      await eventually("all had their effect", async () => (await applied()).length >= told.length);
      expect(await applied()).toEqual(told);
    });
  });
});
