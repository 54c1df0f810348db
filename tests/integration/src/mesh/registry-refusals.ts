import { describe, expect, it } from "@jest/globals";
import type { MeshFixture } from "@weft/mesh-tests/suites";

const subject = "review.events-ReviewSubmitted";

/** What a real Schema Registry holds of the contracts, and what it does not let happen to them. */
export function registryRefusals(mesh: MeshFixture) {
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${mesh.mesh.runtime().schemaRegistry.url}${path}`, {
      method,
      headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const registered = async () => {
    const { body } = await ask("GET", `/subjects/${subject}/versions/latest`);
    return { id: body.id as number, schema: JSON.parse(body.schema as string) };
  };

  describe("the Schema Registry", () => {
    it("holds the closed schema of the whole envelope, and wants what follows to read all that was before", async () => {
      const { schema } = await registered();
      expect(schema).toMatchObject({ type: "object", additionalProperties: false });
      expect(Object.keys(schema.properties).sort()).toEqual(
        ["data", "eventId", "eventType", "source", "timestamp", "version"].sort(),
      );
      const { body } = await ask("GET", `/config/${subject}?defaultToGlobal=true`);
      expect(body.compatibilityLevel).toBe("BACKWARD_TRANSITIVE");
    });

    it("refuses a field that became required, and keeps what it had", async () => {
      const before = await registered();
      const changed = structuredClone(before.schema);
      changed.properties.data.properties.mood = { type: "string" };
      changed.properties.data.required = [...(changed.properties.data.required ?? []), "mood"];
      const refused = await ask("POST", `/subjects/${subject}/versions`, {
        schemaType: "JSON",
        schema: JSON.stringify(changed),
      });
      expect(refused.status).toBe(409);
      expect(refused.body.error_code).toBe(409);
      expect(await registered()).toEqual(before);
    });
  });
}
