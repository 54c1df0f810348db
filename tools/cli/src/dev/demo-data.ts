import { existsSync, writeFileSync } from "node:fs";
import { defineError, poll } from "@weft/core";
import { type Answer, type GatewayClient, gatewayClient } from "../demo/gateway-client.ts";
import { monotonicTicker } from "../demo/monotonic-ticker.ts";
import type { DevOptions } from "./options.ts";

/** The shop as it looks on the first start. Ids are fixed, so that a second load finds them taken and changes nothing. */
export const demoShop = {
  warehouses: ["wh_north", "wh_south"],
  customers: [
    { customerId: "cust_demo", email: "demo@example.com", profile: { firstName: "Dana", lastName: "Demo" } },
    {
      customerId: "cust_ada",
      email: "ada@example.com",
      profile: { firstName: "Ada", lastName: "Silver" },
      tier: "silver",
    },
    {
      customerId: "cust_grace",
      email: "grace@example.com",
      profile: { firstName: "Grace", lastName: "Gold" },
      tier: "gold",
    },
  ],
  products: [
    { productId: "prod_loom", sku: "LOOM-1", name: "Table loom", categoryId: "looms", price: 420, onHand: 40 },
    {
      productId: "prod_shuttle",
      sku: "SHUTTLE-1",
      name: "Boat shuttle",
      categoryId: "tools",
      price: 24.5,
      onHand: 250,
    },
    {
      productId: "prod_wool",
      sku: "WOOL-1",
      name: "Merino wool, 500 g",
      categoryId: "yarns",
      price: 38.9,
      onHand: 400,
    },
    {
      productId: "prod_linen",
      sku: "LINEN-1",
      name: "Linen warp, 250 g",
      categoryId: "yarns",
      price: 17.2,
      onHand: 300,
    },
  ],
  promotions: [
    {
      promotionId: "promo_welcome",
      name: "10 % on yarns",
      type: "percentage",
      rules: { conditions: { categoryIds: ["yarns"] }, actions: { discountValue: 10 } },
    },
    {
      promotionId: "promo_silver",
      name: "50 off for silver and better",
      type: "fixed_amount",
      rules: {
        conditions: { minOrderAmount: 100, customerTiers: ["silver", "gold", "platinum"] },
        actions: { discountValue: 50 },
      },
    },
  ],
  shipments: [
    {
      shipmentId: "shp_demo_delivered",
      orderId: "order_demo_1",
      customerId: "cust_demo",
      warehouse: "wh_north",
      items: [{ productId: "prod_wool", sku: "WOOL-1", quantity: 4 }],
      moves: ["picked", "shipped", "delivered"],
    },
    {
      shipmentId: "shp_demo_shipped",
      orderId: "order_demo_2",
      customerId: "cust_ada",
      warehouse: "wh_south",
      items: [
        { productId: "prod_loom", sku: "LOOM-1", quantity: 1 },
        { productId: "prod_shuttle", sku: "SHUTTLE-1", quantity: 6 },
      ],
      moves: ["picked", "shipped"],
    },
    {
      shipmentId: "shp_demo_created",
      orderId: "order_demo_3",
      customerId: "cust_grace",
      warehouse: "wh_north",
      items: [{ productId: "prod_linen", sku: "LINEN-1", quantity: 12 }],
      moves: [],
    },
    {
      shipmentId: "shp_demo_cancelled",
      orderId: "order_demo_4",
      customerId: "cust_grace",
      warehouse: "wh_south",
      items: [{ productId: "prod_loom", sku: "LOOM-1", quantity: 2 }],
      moves: ["cancelled"],
    },
  ],
  reviews: [
    {
      review: {
        reviewId: "rev_demo_approved",
        productId: "prod_wool",
        customerId: "cust_demo",
        rating: 5,
        title: "Soft and even",
        content: "Warps without a single knot.",
      },
      moderation: "approved",
    },
    {
      review: {
        reviewId: "rev_demo_pending",
        productId: "prod_shuttle",
        customerId: "cust_ada",
        rating: 4,
        title: "Runs well",
      },
    },
    {
      review: {
        reviewId: "rev_demo_rejected",
        productId: "prod_loom",
        customerId: "cust_demo",
        rating: 1,
        title: "!!!",
      },
      moderation: "rejected",
    },
  ],
};

const DemoDataRefused = defineError<{ reason: string }>({
  code: "DEMO_DATA_REFUSED",
  kind: "dependency",
  message: ({ reason }) => `the demo data could not be loaded: ${reason}. \`--no-demo\` starts without it`,
});

/** The note that it was loaded, in the state directory: each kind of servers keeps its data elsewhere. */
export const demoMarker = (infra: DevOptions["infra"]) =>
  infra === "embedded" ? "demo-loaded" : `demo-loaded-${infra}`;

/** Loads it unless an earlier start did. @returns what was loaded, in words; nothing where it was there */
export async function loadDemoOnce(
  marker: string,
  gatewayUrl: string,
  adminToken: string,
): Promise<string | undefined> {
  if (existsSync(marker)) return undefined;
  const gateway = gatewayClient({ ticker: monotonicTicker }, { url: gatewayUrl, giveUpAfterMs: maxWaitMs });
  const loaded = await loadDemoShop(gateway, adminToken);
  writeFileSync(marker, `${new Date().toISOString()}\n`);
  return `${loaded} things loaded`;
}

/** How long a service may take until it serves what it registered for. */
const maxWaitMs = 20_000;
const everyMs = 50;

/**
 * Through the gateway, as anybody would; what is there stays as it is. Each thing waits for the service that takes it, and
 * comes after what it refers to: a shipment needs stock, a review a product.
 * @returns how many things were made   @throws DemoDataRefused
 */
export async function loadDemoShop(
  gateway: GatewayClient,
  adminToken: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<number> {
  let made = 0;
  /**
   * Until the gateway knows who serves the path, and that one answers.
   * @param expected codes of refusals that are an answer too
   */
  const insist = async (what: string, ask: () => Promise<Answer>, expected: RegExp): Promise<"done" | "refused"> => {
    let answered = "";
    const refused = () => new DemoDataRefused({ reason: `${what} was answered ${answered}` });
    const look = async () => {
      const { outcome, code = "" } = await ask();
      answered = code;
      if (outcome === "ok") return "done";
      if (expected.test(code)) return "refused";
      signal?.throwIfAborted();
      if (outcome !== "failed" && code !== "NOT_FOUND") throw refused(); // it is served
      return undefined;
    };
    const seen = await poll<"done" | "refused">({ everyMs, forMs: maxWaitMs }, look, signal);
    if (seen === undefined) throw refused();
    return seen;
  };
  const write = async (method: "POST" | "PUT" | "PATCH", path: string, body: unknown) => {
    const ask = () => gateway.write(method, path, body, adminToken);
    if ((await insist(`${method} ${path}`, ask, /_EXISTS$|^INVALID_TRANSITION$/)) === "done") made++;
  };
  const setWhereUnset = async (path: string, body: unknown) => {
    const found = await insist(`GET ${path}`, () => gateway.read(path, adminToken), /_NOT_FOUND$/);
    if (found === "refused") await write("PUT", path, body);
  };

  const from = new Date();
  const dates = {
    effectiveFrom: from.toISOString(),
    effectiveTo: new Date(from.getTime() + 365 * 24 * 3600 * 1000).toISOString(),
  };
  const { warehouses, customers, products, promotions, shipments, reviews } = demoShop;
  await Promise.all([
    ...customers.map((customer) => write("POST", "/v1/customers", customer)),
    ...promotions.map((promotion) => write("POST", "/v1/promotions", { ...promotion, ...dates })),
    ...products.map(async ({ price, onHand, ...product }) => {
      await write("POST", "/v1/catalog/products", product);
      const { productId } = product;
      await setWhereUnset(`/v1/pricing/products/${productId}/price`, { basePrice: price, currency: "EUR" });
      for (const warehouseId of warehouses)
        await setWhereUnset(`/v1/inventory/products/${productId}/warehouses/${warehouseId}`, { onHand });
    }),
  ]);
  await Promise.all([
    ...shipments.map(async ({ warehouse, moves, ...shipment }) => {
      const fulfillmentEntity = { type: "warehouse", id: warehouse };
      await write("POST", "/v1/shipments", { ...shipment, fulfillmentEntity });
      for (const status of moves) await write("PATCH", `/v1/shipments/${shipment.shipmentId}`, { status });
    }),
    ...reviews.map(async ({ review, moderation }) => {
      await write("POST", "/v1/reviews", review);
      if (moderation) await write("PATCH", `/v1/reviews/${review.reviewId}`, { status: moderation });
    }),
  ]);
  return made;
}
