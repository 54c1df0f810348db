import { describe, expect, it } from "@jest/globals";
import type { Component, ComponentHealth } from "@weft/core";
import { joinHealth } from "./health.ts";

const component = (name: string, health?: () => ComponentHealth | Promise<ComponentHealth>): Component => ({
  name,
  async start() {},
  async stop() {},
  ...(health ? { health } : {}),
});
const fine = component("fine", () => ({ status: "healthy" }));
const lost = component("database", async () => ({ status: "degraded", message: "away" }));
const wedged = component("relay", () => ({ status: "unhealthy", message: "100 rows, no progress" }));

describe("the health of a process", () => {
  it("is healthy where all are, and leaves out those that have nothing to say", async () => {
    expect(await joinHealth([fine, component("silent")])).toEqual({
      status: "healthy",
      checks: { fine: { status: "healthy" } },
    });
  });
  it("is degraded, not unhealthy, when a dependency is lost", async () => {
    expect(await joinHealth([fine, lost])).toMatchObject({
      status: "degraded",
      checks: { database: { message: "away" } },
    });
  });
  it("is unhealthy only when a component is wedged", async () => {
    expect((await joinHealth([fine, lost, wedged])).status).toBe("unhealthy");
  });
  it("counts a component as degraded that throws, or does not answer in time", async () => {
    const throwing = component("throwing", () => {
      throw new Error("broken");
    });
    const silent = component("hanging", () => new Promise(() => {}));
    expect(await joinHealth([throwing, silent])).toEqual({
      status: "degraded",
      checks: {
        throwing: { status: "degraded", message: "Error" },
        hanging: { status: "degraded", message: "did not answer within 1000 ms" },
      },
    });
  });
});
