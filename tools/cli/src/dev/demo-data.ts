import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineError } from "@weft/core";

/** The shop as it looks on the first start. Ids are fixed, so that a second load finds them taken and changes nothing. */
const demo = {
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
    { productId: "prod_loom", sku: "LOOM-1", name: "Table loom", categoryId: "looms", price: 420 },
    { productId: "prod_shuttle", sku: "SHUTTLE-1", name: "Boat shuttle", categoryId: "tools", price: 24.5 },
    { productId: "prod_wool", sku: "WOOL-1", name: "Merino wool, 500 g", categoryId: "yarns", price: 38.9 },
    { productId: "prod_linen", sku: "LINEN-1", name: "Linen warp, 250 g", categoryId: "yarns", price: 17.2 },
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
};

const DemoDataRefused = defineError<{ reason: string }>({
  code: "DEMO_DATA_REFUSED",
  kind: "dependency",
  message: ({ reason }) => `the demo data could not be loaded: ${reason}. \`--no-demo\` starts without it`,
});

/** Loads it unless an earlier start did. @returns what was loaded, in words; nothing where it was there */
export async function loadDemoOnce(
  stateDir: string,
  gatewayUrl: string,
  adminToken: string,
): Promise<string | undefined> {
  const marker = join(stateDir, "demo-loaded");
  if (existsSync(marker)) return undefined;
  const loaded = await load(gatewayUrl, adminToken).catch((cause: Error) => {
    throw new DemoDataRefused({ reason: cause.message }, { cause });
  });
  writeFileSync(marker, `${new Date().toISOString()}\n`);
  return `${loaded} things loaded`;
}

/** Through the gateway, as anybody would. */
async function load(gatewayUrl: string, adminToken: string): Promise<number> {
  let created = 0;
  const send = async (method: string, path: string, body: unknown) => {
    const response = await fetch(`${gatewayUrl}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        "content-type": "application/json",
        "idempotency-key": `demo-${randomUUID()}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    if (response.status === 201 || response.status === 200) created++;
    else if (response.status !== 409)
      throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 300)}`);
  };
  const from = new Date();
  const to = new Date(from.getTime() + 365 * 24 * 3600 * 1000);
  await Promise.all(demo.customers.map((customer) => send("POST", "/v1/customers", customer)));
  await Promise.all(
    demo.products.map(async ({ price, ...product }) => {
      await send("POST", "/v1/catalog/products", product);
      await send("PUT", `/v1/pricing/products/${product.productId}/price`, { basePrice: price, currency: "EUR" });
    }),
  );
  await Promise.all(
    demo.promotions.map((promotion) =>
      send("POST", "/v1/promotions", {
        ...promotion,
        effectiveFrom: from.toISOString(),
        effectiveTo: to.toISOString(),
      }),
    ),
  );
  return created;
}
