import { subscriptions } from "./adapters/events/subscriptions.ts";
import { reviewRoutes } from "./adapters/http/routes.ts";
import { manageReviews, type ReviewsParts } from "./application/reviews.ts";

/** Collaborators in, routes and handlers out. */
export function buildApp(parts: ReviewsParts) {
  return { routes: reviewRoutes(manageReviews(parts)), subscriptions };
}
