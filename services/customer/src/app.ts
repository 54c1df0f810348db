import type { Clock } from "@weft/core";
import type { Transaction } from "@weft/outbox";
import { subscriptions } from "./adapters/events/subscriptions.ts";
import { customerRoutes } from "./adapters/http/routes.ts";
import { manageCustomers } from "./application/customers.ts";
import { notePurchase } from "./application/note-purchase.ts";
import type { ActivityStore, CustomerStore, EventEffects } from "./application/ports.ts";

export interface AppParts {
  customers: CustomerStore;
  activity: ActivityStore;
  effectsIn: (tx: Transaction) => EventEffects;
  clock: Clock;
}

/** Collaborators in, routes and handlers out. */
export function buildApp(parts: AppParts) {
  const { activity, effectsIn } = parts;
  return {
    routes: customerRoutes({ manage: manageCustomers(parts), activity }),
    subscriptions: subscriptions({ notePurchase: notePurchase(parts), effectsIn }),
  };
}
