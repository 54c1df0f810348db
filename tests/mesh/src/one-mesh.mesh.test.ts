import { acceptanceStory } from "./acceptance/story.ts";
import { allArrows } from "./arrows/all-arrows.ts";
import { reservationTtl } from "./arrows/events.ts";
import { catalogGrpc } from "./grpc/catalog.ts";
import { inventoryGrpc } from "./grpc/inventory.ts";
import { reflectionTests } from "./grpc/reflection.ts";
import { wrongInputTests } from "./grpc/wrong-input.ts";
import { claimedRoutes } from "./http/claimed-routes.ts";
import { meshFixture } from "./http/mesh-fixture.ts";
import { allRoutes } from "./routes/all-routes.ts";
import { failureTests } from "./routes/failures.ts";
import { allSubscriptions } from "./subscriptions/all-subscriptions.ts";

/** What every service does in a mesh that is whole, from each of its sides; in one mesh, since starting one costs more than most tests. */
const mesh = meshFixture({ WEFT_RATE_LIMIT: "off", ...reservationTtl });

acceptanceStory(mesh);
const { onceItIsForgotten } = claimedRoutes(mesh);
allSubscriptions(mesh);
allArrows(mesh);
catalogGrpc(mesh);
inventoryGrpc(mesh);
reflectionTests(mesh);
wrongInputTests(mesh);
// After the arrows: breakers open in these, and they are open for half a minute.
allRoutes(mesh);
onceItIsForgotten();
// Last: the pricing service of this mesh is hurt by it.
failureTests(mesh);
