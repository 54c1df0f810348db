import { meshFixture } from "../http/mesh-fixture.ts";
import { allSubscriptions } from "./all-subscriptions.ts";

allSubscriptions(meshFixture({ WEFT_RATE_LIMIT: "off" }));
