import { it } from "@jest/globals";
import { secured } from "../security/containers.ts";

/** For `server-death.int.test.ts`: a worker that always has a container, or is about to. */
it("is busy", async () => {
  process.stdout.write(`busy in process ${process.pid}.\n`);
  for (let time = 0; time < 100; time++) {
    const container = await secured("WEFT_IMAGE_REDIS").start();
    await container.stop({ timeout: 0 });
  }
}, 300_000);
