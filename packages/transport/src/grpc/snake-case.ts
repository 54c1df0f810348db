import type { JsonSchema } from "../schema/json-schema.ts";

/**
 * Path of a field as the proto writes it: `items.0.productId` → `items.0.product_id`. Keys of free objects
 * (`google.protobuf.Struct`) are not names of fields, and stay.
 * @param schema of the message: what has `properties` there is a message here
 */
export function snakeCasePath(path: string, schema: JsonSchema): string {
  let at: JsonSchema | undefined = schema;
  return path
    .split(".")
    .map((part) => {
      const properties = at?.properties as Record<string, JsonSchema> | undefined;
      at = properties ? properties[part] : (at?.items as JsonSchema | undefined);
      return properties ? part.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : part;
    })
    .join(".");
}
