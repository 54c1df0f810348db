import { defineError } from "@weft/core";
import type { servers } from "../infrastructure.ts";
import type { ContainerDefinition } from "./compose-file.ts";
import type { Docker } from "./engine.ts";

/** A slow line and the largest image, in milliseconds. */
const pullTimeoutMs = 15 * 60_000;

const variables: Record<(typeof servers)[number]["name"], string> = {
  postgres: "WEFT_IMAGE_POSTGRES",
  kafka: "WEFT_IMAGE_KAFKA",
  consul: "WEFT_IMAGE_CONSUL",
  "schema-registry": "WEFT_IMAGE_REGISTRY",
};

const ImageUnavailable = defineError<{ name: string; image: string; variable: string; reason: string }>({
  code: "IMAGE_UNAVAILABLE",
  kind: "unavailable",
  message: ({ name, image, variable, reason }) =>
    `the image ${image} of ${name} is not here and cannot be pulled: ${reason}\n${variable} names another. Where no registry can be reached, \`infra/images/build\` makes stand-ins from packages, and \`export $(infra/images/build --env)\` selects them.`,
});

/** @throws ImageUnavailable */
export async function pullMissingImages(
  { docker, say, signal }: { docker: Docker; say: (text: string) => void; signal: AbortSignal },
  definitions: Map<keyof typeof variables, ContainerDefinition>,
): Promise<void> {
  for (const [name, { image }] of definitions) {
    const isHere = await docker(["image", "inspect", "--format", "{{.Id}}", image], { signal }).then(
      () => true,
      () => false,
    );
    signal.throwIfAborted();
    if (isHere) continue;
    say(`pulling ${image} for ${name}`);
    await docker(["pull", "--quiet", image], { timeoutMs: pullTimeoutMs, signal }).catch((cause: Error) => {
      signal.throwIfAborted();
      throw new ImageUnavailable({ name, image, variable: variables[name], reason: cause.message }, { cause });
    });
  }
}
