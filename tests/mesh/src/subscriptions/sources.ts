import { describe, expect, it } from "@jest/globals";
import { encodeWire } from "@weft/contracts";
import { envelope, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** Whom services take events from: those that the document of the event names, and in development the command line. */
export function sourceTests(mesh: MeshFixture) {
  const { customer } = things(mesh);
  /** Both read CustomerUpdated. */
  const groups = ["promotion-service", "review-service"];
  const ownNames = ["event-id", "event-type", "event-version", "source", "aggregate-id"] as const;

  /** A record as customer-service would send it, but for what is wrong in it. */
  async function forged(customerId: string, { source = "customer-service", headers = {} as Record<string, string> }) {
    const data = { customerId, changes: { tier: "platinum" as const } };
    const event = envelope("CustomerUpdated", data, { source });
    const right = [event.eventId, event.eventType, event.version, event.source, customerId];
    const own = Object.fromEntries(ownNames.map((name, at) => [name, right[at]!]));
    const value = encodeWire(await mesh.idOf("CustomerUpdated"), JSON.stringify(event));
    await mesh.broker.send([{ topic: "customer.events", key: customerId, value, headers: { ...own, ...headers } }]);
    return { eventId: event.eventId, value };
  }

  describe("customer.events: an event of somebody who may not publish it", () => {
    it.each<[string, Parameters<typeof forged>[1], string]>([
      ["a stranger's", { source: "evil" }, "untrusted_source"],
      ["another service's", { source: "review-service" }, "untrusted_source"],
      ["one whose header names another source than its envelope", { headers: { source: "evil" } }, "untrusted_source"],
      ["one whose header names another id", { headers: { "event-id": unique("other") } }, "schema_invalid"],
      ["one whose header names another type", { headers: { "event-type": "CustomerCreated" } }, "schema_invalid"],
    ])("is a dead letter of each reader and has no effect: %s", async (_, wrong, reason) => {
      const customerId = await customer();
      const { eventId, value } = await forged(customerId, wrong);
      for (const group of groups) expect((await mesh.deadLetter(group, value)).headers["dlq-reason"]).toBe(reason);
      for (const database of ["promotion", "review"]) expect(await mesh.effects(database, eventId)).toBe(0);
      // What customer-service itself says of the same customer still has its effect.
      const next = await forged(customerId, {});
      for (const database of ["promotion", "review"]) await mesh.effect(database, next.eventId);
    });

    it("is taken from the command line, because this mesh says that it is in development", async () => {
      const { eventId } = await forged(await customer(), { source: "weft-cli" });
      for (const database of ["promotion", "review"]) await mesh.effect(database, eventId);
    });
  });
}
