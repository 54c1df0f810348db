import { GenericContainer, type StartedTestContainer } from "testcontainers";

const images = {
  WEFT_IMAGE_KAFKA: "apache/kafka:4.1.1",
  WEFT_IMAGE_REGISTRY: "apicurio/apicurio-registry:3.0.9",
  WEFT_IMAGE_CONSUL: "hashicorp/consul:1.22",
  WEFT_IMAGE_POSTGRES: "postgres:18",
  WEFT_IMAGE_REDIS: "redis:8",
} as const;

/** Of a server with a configuration of its own, which nobody shares. */
export const secured = (image: keyof typeof images): GenericContainer =>
  new GenericContainer(process.env[image] || images[image]).withLabels({ "weft.security-tests": String(process.pid) });

/** Stops all, also where the test was cut short before it had them all. */
export async function stopContainers(containers: (StartedTestContainer | undefined)[]): Promise<void> {
  await Promise.all(containers.map((container) => container?.stop({ timeout: 0 })));
}

/** Readable by whatever user the server runs as. */
export const inContainer = (files: Record<string, string>) =>
  Object.entries(files).map(([target, content]) => ({ target, content, mode: 0o644 }));
