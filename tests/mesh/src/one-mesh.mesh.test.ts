import { acceptanceStory } from "./acceptance/story.ts";
import { allArrows } from "./arrows/all-arrows.ts";
import { reservationTtl } from "./arrows/events.ts";
import { catalogGrpc } from "./grpc/catalog.ts";
import { inventoryGrpc } from "./grpc/inventory.ts";
import { reflectionTests } from "./grpc/reflection.ts";
import { wrongInputTests } from "./grpc/wrong-input.ts";
import { claimedRoutes } from "./http/claimed-routes.ts";
import { envelopeTests } from "./http/envelope.ts";
import { fieldTests } from "./http/fields.ts";
import { gatewayTests } from "./http/gateway.ts";
import { idempotencyTests } from "./http/idempotency.ts";
import { logsTests } from "./http/logs.ts";
import { meshFixture } from "./http/mesh-fixture.ts";
import { operationsTests } from "./http/operations.ts";
import { outsideAddress } from "./http/outside-address.ts";
import { paginationTests } from "./http/pagination.ts";
import { rolesTests } from "./http/roles.ts";
import { takenAddress } from "./http/taken-address.ts";
import { backupInSql, restoreTests, setBackTests } from "./restore/restore.ts";
import { allRoutes } from "./routes/all-routes.ts";
import { failureTests } from "./routes/failures.ts";
import { allSubscriptions } from "./subscriptions/all-subscriptions.ts";
import { compressionTests } from "./subscriptions/compression.ts";

/** What every service does in a mesh that is whole, from each of its sides; in one mesh, since starting one costs more than most tests. */
// In a zone that kept its own mean time once: a moment is the same whatever the zone of the process.
const mesh = meshFixture({ WEFT_RATE_LIMIT: "off", TZ: "Europe/Amsterdam", ...reservationTtl });

acceptanceStory(mesh);
claimedRoutes(mesh);
// The conventions of HTTP and the gateway's; its rate limit is shown in services/gateway.
envelopeTests(mesh);
idempotencyTests(mesh);
fieldTests(mesh);
paginationTests(mesh);
operationsTests(mesh);
takenAddress(mesh);
rolesTests(mesh);
gatewayTests(mesh);
// Before the subscriptions: their dead letters are errors in the log, and up to here there are none.
logsTests(mesh);
outsideAddress(mesh);
allSubscriptions(mesh);
allArrows(mesh);
catalogGrpc(mesh);
inventoryGrpc(mesh);
reflectionTests(mesh);
wrongInputTests(mesh);
// After the arrows: breakers open in these, and they are open for half a minute.
allRoutes(mesh);
restoreTests(mesh, backupInSql);
setBackTests(mesh);
// Last: the pricing service of this mesh is hurt by it.
failureTests(mesh);
// A partition of customer.events stays held after it.
compressionTests(mesh);
