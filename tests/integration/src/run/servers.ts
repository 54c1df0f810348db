import type { Infrastructure } from "@weft/testkit/infrastructure";

/** What the setup of the run started and its teardown stops: both are modules of one process. */
export const servers: {
  shared?: Infrastructure;
  /** The run is cut short; the process exits when all is removed. */
  ending?: Promise<never>;
} = {};
