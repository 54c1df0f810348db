import { meshFixture } from "../http/mesh-fixture.ts";
import { applyPromotionRoutes } from "./apply-promotion.ts";
import { catalogRoutes } from "./catalog.ts";
import { customerRoutes } from "./customer.ts";
import { pricingRoutes } from "./pricing.ts";
import { promotionRoutes } from "./promotion.ts";

/** Every route of surfaces.md section 3 with its errors, through the gateway, in one mesh. */
const mesh = meshFixture({ WEFT_RATE_LIMIT: "off" });

catalogRoutes(mesh);
pricingRoutes(mesh);
promotionRoutes(mesh);
applyPromotionRoutes(mesh);
customerRoutes(mesh);
