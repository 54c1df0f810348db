import {
  acceptanceStory,
  allArrows,
  allSubscriptions,
  catalogGrpc,
  idempotencyTests,
  inventoryGrpc,
  reservationTtl,
  restoreTests,
  takenAddress,
} from "@weft/mesh-tests/suites";
import { backupByDump } from "../restore/dump.ts";
import { consulRegistration } from "./consul-registration.ts";
import { integrationMesh } from "./integration-mesh.ts";
import { registryRefusals } from "./registry-refusals.ts";
import { wireFormat } from "./wire-format.ts";

/** The same tests as on the embedded servers, and what only real ones can say; all of them on one mesh. */
const mesh = integrationMesh({ WEFT_RATE_LIMIT: "off", ...reservationTtl });

acceptanceStory(mesh);
consulRegistration(mesh);
takenAddress(mesh);
wireFormat(mesh);
registryRefusals(mesh);
idempotencyTests(mesh);
catalogGrpc(mesh);
inventoryGrpc(mesh);
allSubscriptions(mesh);
allArrows(mesh);
// Last: processes end and come again in it.
restoreTests(mesh, backupByDump);
