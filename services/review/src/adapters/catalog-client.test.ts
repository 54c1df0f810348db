import { describe, expect, it } from "@jest/globals";
import { DependencyFailed, NotFound } from "@weft/core";
import { type HttpClient, RequestNotSendable } from "@weft/transport";
import { ProductNotFound } from "../domain/errors.ts";
import { catalogClient } from "./catalog-client.ts";

const asking = (request: (path: string) => unknown) =>
  catalogClient({
    service: "catalog-service",
    request: async ({ path }: { path: string }) => request(path),
  } as unknown as HttpClient);
const refusedWith = (error: unknown) => () => {
  throw error;
};

describe("catalog client", () => {
  it("is content with the product that it asked for", async () => {
    const paths: string[] = [];
    const catalog = asking((path) => {
      paths.push(path);
      return { data: { product: { productId: "prod:1" } } };
    });
    await catalog.assertExists("prod:1");
    expect(paths).toEqual(["/v1/catalog/products/prod%3A1"]);
  });

  it("tells a product that does not exist from a catalog that cannot say", async () => {
    const down = new DependencyFailed({ service: "catalog-service", operation: "GET", cause: "no_instance" });
    const answers: [() => unknown, object][] = [
      [refusedWith(new ProductNotFound({ productId: "prod_1" })), { code: "PRODUCT_NOT_FOUND" }],
      [refusedWith(new NotFound({ what: "route" })), { code: "DEPENDENCY_FAILED", details: { cause: "bad_answer" } }],
      [refusedWith(down), { code: "DEPENDENCY_FAILED", details: { cause: "no_instance" } }],
      [refusedWith(new RequestNotSendable({ what: "it", reason: "no" })), { code: "REQUEST_NOT_SENDABLE" }],
      [() => ({ data: {} }), { code: "DEPENDENCY_FAILED", details: { cause: "bad_answer" } }],
    ];
    for (const [answer, expected] of answers) {
      await expect(asking(answer).assertExists("prod_1")).rejects.toMatchObject(expected);
    }
  });

  it("asks nobody about an id that would mean another path", async () => {
    const catalog = asking(() => ({ data: { product: { productId: ".." } } }));
    await expect(catalog.assertExists("..")).rejects.toMatchObject({ code: "REQUEST_NOT_SENDABLE", retryable: false });
  });

  it("does not hide a mistake of ours", async () => {
    await expect(asking(refusedWith(new TypeError("broken"))).assertExists("prod_1")).rejects.toThrow("broken");
  });
});
