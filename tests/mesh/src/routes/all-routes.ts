import type { MeshFixture } from "../http/mesh-fixture.ts";
import { applyPromotionRoutes } from "./apply-promotion.ts";
import { catalogRoutes } from "./catalog.ts";
import { customerRoutes } from "./customer.ts";
import { inventoryRoutes } from "./inventory.ts";
import { pricingRoutes } from "./pricing.ts";
import { promotionRoutes } from "./promotion.ts";
import { reviewRoutes } from "./review.ts";
import { shippingRoutes } from "./shipping.ts";

/** Every route of surfaces.md section 3 with its errors, through the gateway. */
export function allRoutes(mesh: MeshFixture) {
  catalogRoutes(mesh);
  pricingRoutes(mesh);
  promotionRoutes(mesh);
  applyPromotionRoutes(mesh);
  customerRoutes(mesh);
  inventoryRoutes(mesh);
  shippingRoutes(mesh);
  reviewRoutes(mesh);
}
