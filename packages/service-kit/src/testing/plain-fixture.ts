// A process for `run-service.mesh.test.ts`: what its command line says is all that matters.
import { configureOrExit } from "../configure.ts";

configureOrExit(process.argv, { configFile: new URL("./none.yaml", import.meta.url), sections: {}, needs: [] });
