import type { EventType } from "@weft/contracts";
import type { Answer, GatewayClient } from "./gateway-client.ts";
import type { ActionName } from "./plan.ts";
import type { Random } from "./random.ts";
import type { OpenShipment, Shop, ShopProduct } from "./shop.ts";
import type { Acknowledged } from "./tally.ts";

/** What an action is done with. */
export interface Stage {
  shop: Shop;
  gateway: GatewayClient;
  /** Ids that no other run makes: `shp_3f2a91_17`. */
  newId(kind: string): string;
  tokens: {
    admin: string;
    /** The customer's own, where one can be had; the admin's otherwise. */
    of(customerId: string): Promise<string>;
  };
  onAcknowledged(write: Acknowledged): void;
  onDegradedPage(): void;
}

type Outcome = Answer["outcome"];
/** One thing that somebody does in the shop: one request or several, one after the other until one is not ok. */
type Action = (stage: Stage, random: Random) => Promise<Outcome>;

const firstNames = ["Ada", "Barbara", "Edsger", "Frances", "Grace", "Hedy", "Katherine", "Leslie", "Margaret", "Radia"];
const lastNames = ["Weaver", "Spinner", "Dyer", "Fuller", "Carder", "Taylor", "Draper", "Walker"];
const categories = ["looms", "tools", "yarns"];
const reviewTitles = ["As described", "Would buy again", "Not for me", "Lovely", "Too small"];

const browse: Action = async (stage, random) => {
  const { shop, gateway } = stage;
  const customerId = random.pick(shop.customers.all());
  const token = await stage.tokens.of(customerId);
  const { productId, categoryId } = random.pick(shop.products.all());
  const list = await gateway.read(`/v1/catalog/products?limit=10&categoryId=${categoryId}`, token);
  if (list.outcome !== "ok") return list.outcome;
  const warehouse = random.pick(shop.warehouses);
  const quantity = 1 + random.below(3);
  const page = await gateway.read(
    `/v1/catalog/products/${productId}?warehouseId=${warehouse}&quantity=${quantity}`,
    token,
  );
  if (page.degraded.length > 0) stage.onDegradedPage();
  if (page.outcome !== "ok" || random.chance(0.6)) return page.outcome;
  const further = random.pick([
    `/v1/reviews?productId=${productId}&limit=5`,
    `/v1/promotions?productId=${productId}&limit=5`,
    `/v1/pricing/products/${productId}/price?warehouseId=${warehouse}`,
    `/v1/customers/${customerId}`,
    `/v1/customers/${customerId}/activity?limit=5`,
  ]);
  return (await gateway.read(further, token)).outcome;
};

const apply: Action = async (stage, random) => {
  const { shop, gateway } = stage;
  const customerId = random.pick(shop.customers.all());
  const promotionId = random.pick([...shop.lastingPromotions, ...shop.promotions.all()]);
  const orderId = stage.newId("order");
  const basket = basketOf(shop, random);
  const items = basket.map(({ productId, categoryId, price, quantity }) => ({
    productId,
    categoryId,
    quantity,
    unitPrice: price,
  }));
  const answer = await gateway.write(
    "POST",
    `/v1/promotions/${promotionId}/apply`,
    { orderId, customerId, items },
    await stage.tokens.of(customerId),
  );
  if (answer.code === "PROMOTION_NOT_ACTIVE") shop.promotions.remove(promotionId);
  // Also without a discount it is an order; where nobody knows what came of it, it is none.
  if (answer.outcome !== "failed") {
    const bought = basket.map(({ productId, sku, quantity }) => ({ productId, sku, quantity }));
    shop.orders.add({ orderId, customerId, items: bought });
  }
  return noted(stage, answer, "PromotionApplied", orderId, () => {
    const { finalAmount, discountAmount } = answer.data.application;
    return { promotionId, customerId, finalAmount, discountAmount };
  });
};

/** Who buys at a weaver's buys yarn, and mostly something else too. */
function basketOf(shop: Shop, random: Random): (ShopProduct & { quantity: number })[] {
  const all = shop.products.all();
  const yarns = all.filter(({ categoryId }) => categoryId === "yarns");
  const further = Array.from({ length: random.below(3) }, () => random.pick(all));
  const products = new Set([random.pick(yarns.length > 0 ? yarns : all), ...further]);
  return [...products].map((product) => ({ ...product, quantity: 1 + random.below(3) }));
}

const ship: Action = async (stage, random) => {
  const { shop, gateway } = stage;
  const order = shop.orders.take(random);
  if (order === undefined) return apply(stage, random);
  const shipmentId = stage.newId("shp");
  const warehouse = random.pick(shop.warehouses);
  const { orderId, customerId, items } = order;
  const answer = await gateway.write(
    "POST",
    "/v1/shipments",
    { shipmentId, orderId, customerId, fulfillmentEntity: { type: "warehouse", id: warehouse }, items },
    stage.tokens.admin,
  );
  if (answer.outcome === "ok") shop.shipments.add({ ...order, shipmentId, status: "created" });
  return noted(stage, answer, "ShipmentCreated", shipmentId, () => ({ orderId, customerId, items }));
};

const moveOn: Action = async (stage, random) => {
  const { shop, gateway } = stage;
  const shipment = shop.shipments.take(random);
  if (shipment === undefined) return ship(stage, random);
  const { shipmentId, status: from } = shipment;
  const to = nextStatus(from, random);
  const answer = await gateway.write("PATCH", `/v1/shipments/${shipmentId}`, { status: to }, stage.tokens.admin);
  if (answer.outcome === "ok") {
    if (to === "delivered") shop.delivered(shipment);
    else if (to !== "cancelled") shop.shipments.add({ ...shipment, status: to });
  }
  return noted(stage, answer, "ShipmentStatusChanged", shipmentId, () => ({ from, to }));
};

function nextStatus(from: OpenShipment["status"], random: Random) {
  if (from === "shipped") return "delivered";
  if (random.chance(0.08)) return "cancelled";
  return from === "created" ? "picked" : "shipped";
}

const review: Action = async (stage, random) => {
  const { shop, gateway } = stage;
  const purchase = shop.purchases.take(random);
  if (purchase === undefined) return moveOn(stage, random);
  const { customerId, productId } = purchase;
  const reviewId = stage.newId("rev");
  const rating = Math.max(1 + random.below(5), 1 + random.below(5));
  const answer = await gateway.write(
    "POST",
    "/v1/reviews",
    { reviewId, productId, customerId, rating, title: random.pick(reviewTitles) },
    await stage.tokens.of(customerId),
  );
  if (answer.outcome === "ok") shop.reviews.add({ reviewId });
  return noted(stage, answer, "ReviewSubmitted", reviewId, () => ({ productId, customerId, rating }));
};

const moderate: Action = async (stage, random) => {
  const waiting = stage.shop.reviews.take(random);
  if (waiting === undefined) return review(stage, random);
  const { reviewId } = waiting;
  const to = random.chance(0.8) ? "approved" : "rejected";
  const answer = await stage.gateway.write("PATCH", `/v1/reviews/${reviewId}`, { status: to }, stage.tokens.admin);
  return noted(stage, answer, "ReviewModerated", reviewId, () => ({ to }));
};

const countStock: Action = async (stage, random) => {
  const { shop, gateway, tokens } = stage;
  const { productId } = random.pick(shop.products.all());
  const warehouseId = random.pick(shop.warehouses);
  const path = `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
  const counted = await shop.alone(path, async () => {
    const before = await gateway.read(path, tokens.admin);
    if (before.outcome === "failed") return before.outcome;
    const found = 150 + random.below(100);
    // A count that finds what was known changes nothing, and tells nobody.
    const onHand = before.data.stock?.onHand === found ? found + 1 : found;
    const answer = await gateway.write("PUT", path, { onHand }, tokens.admin);
    return noted(stage, answer, "StockChanged", productId, () => ({ warehouseId, onHand }));
  });
  return counted ?? browse(stage, random);
};

const changePrice: Action = async (stage, random) => {
  const { shop } = stage;
  const product = random.pick(shop.products.all());
  const changed = await shop.alone(`price ${product.productId}`, async () => {
    const cents = Math.round(product.price * 100 * (0.9 + 0.2 * random.next()));
    const price = (cents === Math.round(product.price * 100) ? cents + 1 : cents) / 100;
    const outcome = await putPrice(stage, product.productId, price);
    if (outcome === "ok") product.price = price;
    return outcome;
  });
  return changed ?? browse(stage, random);
};

async function putPrice(stage: Stage, productId: string, basePrice: number): Promise<Outcome> {
  const path = `/v1/pricing/products/${productId}/price`;
  const answer = await stage.gateway.write("PUT", path, { basePrice, currency: "EUR" }, stage.tokens.admin);
  return noted(stage, answer, "PriceChanged", productId, () => ({ basePrice }));
}

const newCustomer: Action = async (stage, random) => {
  const customerId = stage.newId("cust");
  const profile = { firstName: random.pick(firstNames), lastName: random.pick(lastNames) };
  const answer = await stage.gateway.write(
    "POST",
    "/v1/customers",
    { customerId, email: `${customerId}@example.com`, profile },
    stage.tokens.admin,
  );
  if (answer.outcome === "ok") stage.shop.customers.add(customerId);
  return noted(stage, answer, "CustomerCreated", customerId, () => ({ profile }));
};

const changeCustomer: Action = async (stage, random) => {
  const customerId = random.pick(stage.shop.customers.all());
  const preferences = { lastCatalogue: stage.newId("issue") };
  const answer = await stage.gateway.write(
    "PATCH",
    `/v1/customers/${customerId}`,
    { preferences },
    await stage.tokens.of(customerId),
  );
  return noted(stage, answer, "CustomerUpdated", customerId, () => ({ changes: { preferences } }));
};

const newProduct: Action = async (stage, random) => {
  const { gateway, tokens, shop } = stage;
  const productId = stage.newId("prod");
  const sku = productId.toUpperCase();
  const categoryId = random.pick(categories);
  const answer = await gateway.write(
    "POST",
    "/v1/catalog/products",
    { productId, sku, categoryId, name: `Novelty ${productId}` },
    tokens.admin,
  );
  const created = noted(stage, answer, "ProductCreated", productId, () => ({ sku, categoryId }));
  if (created !== "ok") return created;
  const price = (500 + random.below(9_500)) / 100;
  const priced = await putPrice(stage, productId, price);
  if (priced !== "ok") return priced;
  for (const warehouseId of shop.warehouses) {
    const onHand = 100 + random.below(100);
    const path = `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
    const counted = await gateway.write("PUT", path, { onHand }, tokens.admin);
    const outcome = noted(stage, counted, "StockChanged", productId, () => ({ warehouseId, onHand }));
    if (outcome !== "ok") return outcome;
  }
  shop.products.add({ productId, sku, categoryId, price });
  return "ok";
};

const changeProduct: Action = async (stage, random) => {
  const { productId } = random.pick(stage.shop.products.all());
  const description = `As in catalogue ${stage.newId("issue")}`;
  const path = `/v1/catalog/products/${productId}`;
  const answer = await stage.gateway.write("PATCH", path, { description }, stage.tokens.admin);
  return noted(stage, answer, "ProductUpdated", productId, () => ({ changes: { description } }));
};

const newPromotion: Action = async (stage, random) => {
  const promotionId = stage.newId("promo");
  const now = Date.now();
  const body = {
    promotionId,
    name: `Offer ${promotionId}`,
    type: "percentage",
    rules: {
      conditions: random.chance(0.5) ? {} : { categoryIds: [random.pick(categories)] },
      actions: { discountValue: 5 + random.below(20) },
    },
    effectiveFrom: new Date(now).toISOString(),
    effectiveTo: new Date(now + (1 + random.below(10)) * 60_000).toISOString(),
  };
  const answer = await stage.gateway.write("POST", "/v1/promotions", body, stage.tokens.admin);
  if (answer.outcome === "ok") stage.shop.promotions.add(promotionId);
  return noted(stage, answer, "PromotionCreated", promotionId, () => ({ type: body.type }));
};

const switchPromotion: Action = async (stage, random) => {
  const { promotions, switchedOff } = stage.shop;
  const isOn = switchedOff.size === 0 || (promotions.size > 0 && random.chance(0.5));
  const promotionId = (isOn ? promotions : switchedOff).take(random);
  if (promotionId === undefined) return newPromotion(stage, random);
  const status = isOn ? "inactive" : "active";
  const path = `/v1/promotions/${promotionId}`;
  const answer = await stage.gateway.write("PATCH", path, { status }, stage.tokens.admin);
  if (answer.outcome === "ok") (isOn ? switchedOff : promotions).add(promotionId);
  return noted(stage, answer, "PromotionStatusChanged", promotionId, () => ({ to: status }));
};

/** Remembers a write that was acknowledged. */
function noted(stage: Stage, answer: Answer, type: EventType, key: string, data: () => Acknowledged["data"]): Outcome {
  if (answer.outcome === "ok") stage.onAcknowledged({ type, key, data: data() });
  return answer.outcome;
}

export const actions: Record<ActionName, Action> = {
  browse,
  apply,
  ship,
  "move on": moveOn,
  review,
  moderate,
  "count stock": countStock,
  "change price": changePrice,
  "new customer": newCustomer,
  "change customer": changeCustomer,
  "new product": newProduct,
  "change product": changeProduct,
  "new promotion": newPromotion,
  "switch promotion": switchPromotion,
};
