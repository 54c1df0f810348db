/** What a mesh must do wherever its servers are: the same tests for the embedded ones and for real ones. */
export { acceptanceStory } from "./acceptance/story.ts";
export { allArrows } from "./arrows/all-arrows.ts";
export { reservationTtl } from "./arrows/events.ts";
export { catalogGrpc } from "./grpc/catalog.ts";
export { inventoryGrpc } from "./grpc/inventory.ts";
export { idempotencyTests } from "./http/idempotency.ts";
export { envelope, expectError, MeshFixture, type SeenRecord, unique } from "./http/mesh-fixture.ts";
export { takenAddress } from "./http/taken-address.ts";
export { things } from "./http/things.ts";
export { databaseOutage } from "./outages/database-away.ts";
export { type Backup, restoreTests } from "./restore/restore.ts";
export { allSubscriptions } from "./subscriptions/all-subscriptions.ts";
