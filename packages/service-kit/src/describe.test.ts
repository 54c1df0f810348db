import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "@jest/globals";

const folder = mkdtempSync(join(tmpdir(), "weft-describe-"));
const file = join(folder, "config.yaml");
// Port 1 answers nobody, and this process may not even listen there.
writeFileSync(
  file,
  `
server: { http: { addr: "127.0.0.1:1" } }
consul: { address: "http://127.0.0.1:1", service: { name: price-service, version: 1.2.3 } }
data: { database: { driver: postgres, source: "postgres://nobody@127.0.0.1:1/none" } }
kafka: { brokers: "127.0.0.1:1" }
schema_registry: { url: "http://127.0.0.1:1" }
`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = fileURLToPath(new URL("./testing/described-fixture.ts", import.meta.url));
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=@weft/source", fixture, ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe("--describe", () => {
  it("prints what the service is to others, without anything that the service needs", async () => {
    const { code, stdout, stderr } = await run("--describe", "--conf", file);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      service: "price-service",
      version: "1.2.3",
      routes: [
        {
          method: "GET",
          path: "/v1/prices",
          summary: "Lists prices",
          success: 200,
          errors: [],
          hasQuery: true,
          hasBody: false,
          isList: true,
        },
        {
          method: "POST",
          path: "/v1/prices/{priceId}/notes",
          summary: "Notes something",
          success: 201,
          errors: ["PRICE_NOT_FOUND"],
          hasQuery: false,
          hasBody: true,
          isList: false,
        },
      ],
      grpc: [
        { service: "inventory.v1.InventoryService", method: "CheckStock", errors: ["STOCK_NOT_FOUND"] },
        { service: "inventory.v1.InventoryService", method: "ReserveStock", errors: [] },
        { service: "inventory.v1.InventoryService", method: "ReleaseStock", errors: [] },
      ],
      publishes: ["PriceChanged"],
      subscribes: [
        { type: "ProductCreated", majors: [1], reads: ["productId"] },
        { type: "StockChanged", majors: [1], reads: ["productId", "available"] },
      ],
      calls: [
        { service: "catalog-service", protocol: "http" },
        { service: "catalog-service", protocol: "grpc" },
      ],
    });
  });

  it("is not what happens otherwise: a service with gRPC and no address for it says which section is missing", async () => {
    const { code, stdout, stderr } = await run("--conf", file);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("server.grpc: is required");
  });
});
