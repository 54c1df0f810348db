import { expect, it } from "@jest/globals";
import { closed } from "../schema/pieces.ts";
import { snakeCasePath } from "./snake-case.ts";

it("paths are those of the proto, but for the keys of free objects", () => {
  const item = closed({ productId: {}, maxUnitPrice: {} });
  const schema = closed({
    shipFrom: closed({ postalCode: {} }),
    items: { type: "array", items: item },
    attributes: {},
  });
  const paths = ["items.0.productId", "items.12.maxUnitPrice", "shipFrom.postalCode", "attributes.maxWatt", "notKnown"];
  expect(paths.map((path) => snakeCasePath(path, schema))).toEqual([
    "items.0.product_id",
    "items.12.max_unit_price",
    "ship_from.postal_code",
    "attributes.maxWatt",
    "not_known",
  ]);
});
