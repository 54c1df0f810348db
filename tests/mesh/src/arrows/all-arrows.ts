import { describe, expect, it } from "@jest/globals";
import { runWeft } from "@weft/testkit";
import type { MeshFixture } from "../http/mesh-fixture.ts";
import { callArrows } from "./calls.ts";
import { eventArrows } from "./events.ts";
import { shownArrows } from "./shown.ts";

/** Every arrow of the picture of the business, one test each, through the gateway, and that none is missing. */
export function allArrows(mesh: MeshFixture) {
  const shown = shownArrows();

  eventArrows(mesh);
  // After the events: services hang in these.
  callArrows(mesh);

  describe("the arrows shown above", () => {
    it("are all that `weft events map` draws, and a way in from the gateway to each service", async () => {
      const { code, stdout } = await runWeft(["events", "map", "--json"]);
      expect(code).toBe(0);
      const map: {
        events: { type: string; readBy: { service: string }[] }[];
        calls: { from: string; to: string; protocol: string }[];
      } = JSON.parse(stdout);
      const services = mesh.mesh.runtime().services.map(({ name }) => name);
      const drawn = [
        ...map.events.flatMap(({ type, readBy }) => readBy.map(({ service }) => `${type} → ${service}`)),
        ...map.calls.map(({ from, to, protocol }) => `${from} → ${to} over ${protocol}`),
        ...services.filter((name) => name !== "gateway").map((name) => `gateway → ${name}`),
      ];
      expect([...shown].sort()).toEqual([...new Set(drawn)].sort());
    }, 90_000);
  });
}
