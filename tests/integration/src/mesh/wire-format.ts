import { describe, expect, it } from "@jest/globals";
import { type MeshFixture, things } from "@weft/mesh-tests/suites";

/** Bytes on a real broker, as a program reads them that knows nothing of Weft. */
export function wireFormat(mesh: MeshFixture) {
  const { product } = things(mesh);

  describe("an event on the wire", () => {
    it("is a zero, the id that the registry gave its schema, and the envelope as JSON; the rest is in its headers", async () => {
      const productId = await product();
      const [record] = await mesh.events(productId);
      const value = record!.value!;
      expect(value.readUInt8(0)).toBe(0);
      const url = `${mesh.mesh.runtime().schemaRegistry.url}/schemas/ids/${value.readUInt32BE(1)}`;
      const { schema } = (await (await fetch(url)).json()) as { schema: string };
      const envelope = JSON.parse(value.subarray(5).toString("utf8"));
      expect(JSON.parse(schema).properties.eventType).toMatchObject({ const: "ProductCreated" });
      expect(Object.keys(envelope).sort()).toEqual(["data", "eventId", "eventType", "source", "timestamp", "version"]);
      expect(record).toMatchObject({
        topic: "catalog.events",
        key: productId,
        headers: {
          "event-id": envelope.eventId,
          "event-type": "ProductCreated",
          "event-version": envelope.version,
          source: "catalog-service",
          "aggregate-id": productId,
          "event-sequence": "1",
          "correlation-id": expect.stringMatching(/.+/),
          traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0\d$/),
          "content-type": expect.stringMatching(/json/),
        },
      });
    });
  });
}
