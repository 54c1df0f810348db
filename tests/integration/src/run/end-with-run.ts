import { runInThisContext } from "node:vm";

/** The worker's own process: a test file has a copy of it, which no event reaches. */
const worker: NodeJS.Process = runInThisContext("process");

// A worker ends with its run, however that ended: a busy one would go on, and start containers that nobody removes.
if (worker.connected && worker.listenerCount("disconnect") === 0) {
  const end = () => worker.exit();
  worker.once("disconnect", end);
  // When jest is done it takes its own listener away, and expects that no other keeps the worker.
  worker.on("removeListener", (event) => event === "message" && worker.off("disconnect", end));
}
