import { always, type MeshFixture, unique } from "./mesh-fixture.ts";
import { newShipment, things } from "./things.ts";

export interface Write {
  /** Method and path as the service has them. */
  route: string;
  service: string;
  request: () => Promise<[path: string, body: object]>;
}

/** Every write of the services, with a path and a body that it takes. */
export function everyWrite(mesh: MeshFixture): Write[] {
  const { product, promotion, customer, shipment, review, order } = things(mesh);
  const newProduct = () => {
    const id = unique("prod");
    return { productId: id, sku: `SKU-${id}`, name: "Keyed", categoryId: "keyed" };
  };
  return [
    {
      route: "POST /v1/catalog/products",
      service: "catalog-service",
      request: async () => ["/v1/catalog/products", newProduct()],
    },
    {
      route: "PATCH /v1/catalog/products/{productId}",
      service: "catalog-service",
      request: async () => [`/v1/catalog/products/${await product()}`, { name: unique("name") }],
    },
    {
      route: "PUT /v1/pricing/products/{productId}/price",
      service: "pricing-service",
      request: async () => [`/v1/pricing/products/${unique("prod")}/price`, { basePrice: 5, currency: "EUR" }],
    },
    {
      route: "PUT /v1/inventory/products/{productId}/warehouses/{warehouseId}",
      service: "warehouse-inventory-service",
      request: async () => [`/v1/inventory/products/${await product()}/warehouses/wh_1`, { onHand: 5 }],
    },
    {
      route: "POST /v1/promotions",
      service: "promotion-service",
      request: async () => ["/v1/promotions", { name: "N", type: "free_shipping", rules: {}, ...always }],
    },
    {
      route: "PATCH /v1/promotions/{promotionId}",
      service: "promotion-service",
      request: async () => [`/v1/promotions/${await promotion()}`, { status: "inactive" }],
    },
    {
      route: "POST /v1/promotions/{promotionId}/apply",
      service: "promotion-service",
      request: async () => [`/v1/promotions/${await promotion()}/apply`, order()],
    },
    {
      route: "POST /v1/customers",
      service: "customer-service",
      request: async () => [
        "/v1/customers",
        { email: `${unique("mail")}@example.com`, profile: { firstName: "A", lastName: "B" } },
      ],
    },
    {
      route: "PATCH /v1/customers/{customerId}",
      service: "customer-service",
      request: async () => [`/v1/customers/${await customer()}`, { preferences: { colour: unique("colour") } }],
    },
    { route: "POST /v1/shipments", service: "shipping-service", request: async () => ["/v1/shipments", newShipment()] },
    {
      route: "PATCH /v1/shipments/{shipmentId}",
      service: "shipping-service",
      request: async () => [`/v1/shipments/${await shipment()}`, { status: "picked" }],
    },
    {
      route: "POST /v1/reviews",
      service: "review-service",
      request: async () => ["/v1/reviews", { productId: await product(), customerId: unique("cust"), rating: 4 }],
    },
    {
      route: "PATCH /v1/reviews/{reviewId}",
      service: "review-service",
      request: async () => {
        const reviewId = await review({ productId: await product(), customerId: unique("cust") });
        return [`/v1/reviews/${reviewId}`, { status: "approved" }];
      },
    },
  ];
}
