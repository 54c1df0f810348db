import { meshFixture } from "../http/mesh-fixture.ts";
import { allArrows } from "./all-arrows.ts";
import { reservationTtl } from "./events.ts";

allArrows(meshFixture({ WEFT_RATE_LIMIT: "off", ...reservationTtl }));
