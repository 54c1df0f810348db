import { envelopeTests } from "./envelope.ts";
import { gatewayTests } from "./gateway.ts";
import { idempotencyTests } from "./idempotency.ts";
import { logsTests } from "./logs.ts";
import { meshFixture } from "./mesh-fixture.ts";
import { operationsTests } from "./operations.ts";
import { paginationTests } from "./pagination.ts";
import { rateLimitTests } from "./rate-limit.ts";
import { rolesTests } from "./roles.ts";
import { takenAddress } from "./taken-address.ts";

/** The conventions of surfaces.md section 2, and the gateway's of section 3, in one mesh. */
const mesh = meshFixture();

envelopeTests(mesh);
idempotencyTests(mesh);
paginationTests(mesh);
operationsTests(mesh);
takenAddress(mesh);
rolesTests(mesh);
gatewayTests(mesh);
rateLimitTests(mesh);
logsTests(mesh);
