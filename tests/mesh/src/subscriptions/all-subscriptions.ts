import type { MeshFixture } from "../http/mesh-fixture.ts";
import { catalogSubscriptions } from "./catalog.ts";
import { customerSubscriptions } from "./customer.ts";
import { inventorySubscriptions } from "./inventory.ts";
import { onceTests } from "./once.ts";
import { poisonTests } from "./poison.ts";
import { promotionAndPricingSubscriptions } from "./promotion-and-pricing.ts";
import { rangeTests } from "./ranges.ts";
import { reviewSubscriptions } from "./review.ts";
import { sequenceTests } from "./sequences.ts";
import { sourceTests } from "./sources.ts";
import { versionTests } from "./versions.ts";

/** Every subscription of surfaces.md section 5 that the services of this mesh have, also to services that are not in it. */
export function allSubscriptions(mesh: MeshFixture) {
  catalogSubscriptions(mesh);
  customerSubscriptions(mesh);
  promotionAndPricingSubscriptions(mesh);
  inventorySubscriptions(mesh);
  reviewSubscriptions(mesh);
  onceTests(mesh);
  sequenceTests(mesh);
  poisonTests(mesh);
  sourceTests(mesh);
  versionTests(mesh);
  rangeTests(mesh);
}
