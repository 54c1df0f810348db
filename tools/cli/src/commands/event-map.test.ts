import { describe, expect, it } from "@jest/globals";
import type { DescribedService } from "../describe-services.ts";
import { eventMap } from "./event-map.ts";

const service = (name: string, parts: Partial<DescribedService> = {}): DescribedService => ({
  service: name,
  publishes: [],
  subscribes: [],
  calls: [],
  ...parts,
});
const reading = (type: string, reads: string[] = [], majors = [1]) => ({ subscribes: [{ type, majors, reads }] });

describe("event map", () => {
  it("says who publishes what and who reads it, and who calls whom", () => {
    const map = eventMap([
      service("shipping-service", { publishes: ["ShipmentCreated", "ShipmentStatusChanged"] }),
      service("review-service", {
        publishes: ["ReviewSubmitted", "ReviewModerated"],
        ...reading("ShipmentCreated", ["items.productId", "fulfillmentEntity.address.city"]),
        calls: [{ service: "shipping-service", protocol: "grpc" }],
      }),
    ]);
    expect(map.problems).toEqual([]);
    expect(map.events.find(({ type }) => type === "ShipmentCreated")).toEqual({
      type: "ShipmentCreated",
      topic: "shipping.events",
      publishedBy: ["shipping-service"],
      readBy: [{ service: "review-service", reads: ["items.productId", "fulfillmentEntity.address.city"] }],
    });
    expect(map.calls).toEqual([{ from: "review-service", to: "shipping-service", protocol: "grpc" }]);
  });

  it.each([
    [
      "an event that nobody publishes",
      service("shipping-service", reading("ShipmentCreated")),
      /which nobody publishes: add it/,
    ],
    [
      "a publisher that the document does not name",
      service("a-service", { publishes: ["ShipmentCreated"] }),
      /a-service publishes ShipmentCreated, and its document does not name it/,
    ],
    [
      "a publisher that the document names and that does not declare it",
      service("shipping-service", { publishes: ["ShipmentCreated"] }),
      /the document of ShipmentStatusChanged names shipping-service, which does not declare it/,
    ],
    ["an event without a document", service("a-service", reading("ReturnCreated")), /ReturnCreated is in no document/],
    [
      "a publisher of an event without a document",
      service("a-service", { publishes: ["ReturnCreated"] }),
      /no document/,
    ],
    [
      "a field that is none",
      service("a-service", reading("ShipmentCreated", ["items.colour"])),
      /the field items.colour/,
    ],
    [
      "a major that is none",
      service("a-service", reading("ShipmentCreated", [], [1, 7])),
      /major 7 of ShipmentCreated/,
    ],
    [
      "a call of nobody",
      service("a-service", { calls: [{ service: "b-service", protocol: "http" }] }),
      /a-service calls b-service, which is no service/,
    ],
  ])("refuses %s", (_, wrong, problem) => {
    expect(eventMap([wrong]).problems).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  it("shows publishers of other teams, which are in the document alone", () => {
    const { events, problems } = eventMap([service("a-service", reading("ShipmentCreated"))]);
    expect(problems).toEqual([]);
    expect(events.find(({ type }) => type === "ShipmentCreated")?.publishedBy).toEqual(["shipping-service"]);
  });
});
