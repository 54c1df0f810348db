import { meshFixture } from "../http/mesh-fixture.ts";
import { catalogGrpc } from "./catalog.ts";
import { inventoryGrpc } from "./inventory.ts";
import { reflectionTests } from "./reflection.ts";
import { wrongInputTests } from "./wrong-input.ts";

/** Every gRPC method with its errors, asked by clients that nobody here wrote, in one mesh. */
const mesh = meshFixture({ WEFT_RATE_LIMIT: "off" });

catalogGrpc(mesh);
inventoryGrpc(mesh);
reflectionTests(mesh);
wrongInputTests(mesh);
