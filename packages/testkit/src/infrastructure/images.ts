/** The official images, and the names of the environment that put others in their place. */
const images = {
  WEFT_IMAGE_KAFKA: "apache/kafka:4.1.1",
  WEFT_IMAGE_REGISTRY: "apicurio/apicurio-registry:3.0.9",
  WEFT_IMAGE_CONSUL: "hashicorp/consul:1.22",
  WEFT_IMAGE_POSTGRES: "postgres:18",
  WEFT_IMAGE_REDIS: "redis:8",
} as const;

export type ImageVariable = keyof typeof images;

export const imageOf = (variable: ImageVariable): string => process.env[variable] || images[variable];

/** What the tag says, such as 1.22; without one, as good as newest. */
export function tagVersion(image: string): number[] {
  const [, major, minor] = /:v?(\d+)(?:\.(\d+))?[^/]*$/.exec(image) ?? [];
  return major === undefined ? [Number.POSITIVE_INFINITY, 0] : [Number(major), Number(minor ?? 0)];
}
