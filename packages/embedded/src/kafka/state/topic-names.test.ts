import { describe, expect, it } from "@jest/globals";
import { TopicConfigs } from "./topic-configs.ts";
import { topicNameProblem } from "./topic-names.ts";

describe("topic names", () => {
  it("are what Kafka allows", () => {
    for (const name of ["a", "promotion.events", "A_b-9", "x".repeat(249), "..."])
      expect(topicNameProblem(name)).toBeUndefined();
  });
  it("cannot reach out of the data folder, look alike or be internal", () => {
    for (const name of [
      "",
      ".",
      "..",
      "../x",
      "a/b",
      "a\\b",
      "a\0",
      "раypal",
      "a b",
      "a\n",
      "x".repeat(250),
      "__consumer_offsets",
    ])
      expect([name, topicNameProblem(name) !== undefined]).toEqual([name, true]);
  });
});

describe("topic configs", () => {
  const configs = new TopicConfigs({ maxMessageBytes: 1000, segmentBytes: 2000 });
  it("refuse unknown names and wrong values", () => {
    for (const [name, value] of [
      ["toString", "1"],
      ["retention.ms", "soon"],
      ["retention.ms", "-2"],
      ["max.message.bytes", "99999999999"],
      ["cleanup.policy", "keep"],
      ["retention.ms", null],
    ] as const)
      expect([name, configs.problem(name, value) !== undefined]).toEqual([name, true]);
    expect(configs.problem("cleanup.policy", "compact")).toBeUndefined();
  });
  it("fall back to the broker's", () => {
    expect(configs.number({}, "max.message.bytes")).toBe(1000);
    expect(configs.number({ "max.message.bytes": "7" }, "max.message.bytes")).toBe(7);
  });
});
