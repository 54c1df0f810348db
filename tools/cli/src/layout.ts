import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that was cloned. */
export const repositoryRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** Where compiled modules are kept between runs; reading them halves the time to start. */
export const compileCache = join(repositoryRoot, "node_modules/.cache/weft-compile");

/** Where a running mesh keeps its state; `WEFT_STATE_DIR` puts it elsewhere, so that several can run side by side. */
export const stateDirectory = process.env.WEFT_STATE_DIR || join(repositoryRoot, ".weft");
