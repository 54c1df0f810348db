import { subscriptions } from "./adapters/events/subscriptions.ts";
import { promotionRoutes } from "./adapters/http/routes.ts";
import { type ApplyPromotionParts, applyPromotion } from "./application/apply-promotion.ts";
import { managePromotions } from "./application/manage-promotions.ts";

/** Collaborators in, routes and handlers out. */
export function buildApp(parts: ApplyPromotionParts) {
  const { promotions } = parts;
  return {
    routes: promotionRoutes({ promotions, manage: managePromotions(parts), apply: applyPromotion(parts) }),
    subscriptions,
  };
}
