import { meshFixture } from "../http/mesh-fixture.ts";
import { applyPromotionRoutes } from "./apply-promotion.ts";
import { catalogRoutes } from "./catalog.ts";
import { customerRoutes } from "./customer.ts";
import { failureTests } from "./failures.ts";
import { inventoryRoutes } from "./inventory.ts";
import { pricingRoutes } from "./pricing.ts";
import { promotionRoutes } from "./promotion.ts";
import { reviewRoutes } from "./review.ts";
import { shippingRoutes } from "./shipping.ts";

/** Every route of surfaces.md section 3 with its errors, through the gateway, in one mesh. */
const mesh = meshFixture({ WEFT_RATE_LIMIT: "off" });

catalogRoutes(mesh);
pricingRoutes(mesh);
promotionRoutes(mesh);
applyPromotionRoutes(mesh);
customerRoutes(mesh);
inventoryRoutes(mesh);
shippingRoutes(mesh);
reviewRoutes(mesh);
// Last: the pricing service of this mesh is hurt by it.
failureTests(mesh);
