import { type ImageVariable, ServerContainer } from "@weft/testkit/infrastructure";
import type { StartedTestContainer } from "testcontainers";

/** Of a server with a configuration of its own, which nobody shares. */
export const secured = (image: ImageVariable): ServerContainer =>
  new ServerContainer(image.replace("WEFT_IMAGE_", "").toLowerCase(), image);

/** Stops all, also where the test was cut short before it had them all. */
export async function stopContainers(containers: (StartedTestContainer | undefined)[]): Promise<void> {
  await Promise.all(containers.map((container) => container?.stop({ timeout: 0 })));
}

/** Readable by whatever user the server runs as. */
export const inContainer = (files: Record<string, string>) =>
  Object.entries(files).map(([target, content]) => ({ target, content, mode: 0o644 }));
