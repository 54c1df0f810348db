import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, expectInvalid, type MeshFixture, soon, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** The routes of customer. */
export function customerRoutes(mesh: MeshFixture) {
  const { promotion, customer, order } = things(mesh);
  const post = (body: unknown) => mesh.api("POST", "/v1/customers", { body });
  const patch = (customerId: string, body: unknown) => mesh.api("PATCH", `/v1/customers/${customerId}`, { body });
  const get = async (customerId: string) => (await mesh.api("GET", `/v1/customers/${customerId}`)).data.customer;
  const fresh = () => ({ email: `${unique("mail")}@example.com`, profile: { firstName: "Ada", lastName: "Byron" } });

  describe("customer: POST /v1/customers", () => {
    it("creates a customer, bronze unless told, and publishes CustomerCreated [201]", async () => {
      const body = {
        ...fresh(),
        profile: { firstName: "Ada", lastName: "Byron", phone: "+49 40 1234" },
        preferences: { newsletter: true },
        addresses: [{ city: "Hamburg", country: "DE" }],
      };
      const answer = await post(body);
      expect(answer.status).toBe(201);
      expect(answer.data.customer).toMatchObject({
        ...body,
        customerId: expect.stringMatching(/^cust_.+/),
        tier: "bronze",
        lifetimeSpend: 0,
      });
      const { customerId } = answer.data.customer;
      expect(await get(customerId)).toEqual(answer.data.customer);
      const [event] = await mesh.events(customerId);
      expect(event).toMatchObject({ topic: "customer.events", headers: { "event-sequence": "1" } });
      expect(event!.envelope).toMatchObject({
        eventType: "CustomerCreated",
        source: "customer-service",
        data: { customerId, tier: "bronze", profile: body.profile },
      });
    });

    it("takes the client's own id and tier, and refuses an id or e-mail that is taken [CUSTOMER_EXISTS]", async () => {
      const body = { ...fresh(), customerId: unique("cust"), tier: "gold" };
      expect((await post(body)).data.customer).toMatchObject({ customerId: body.customerId, tier: "gold" });
      expectError(await post({ ...fresh(), customerId: body.customerId }), 409, "CUSTOMER_EXISTS");
      expectError(await post({ ...fresh(), email: body.email }), 409, "CUSTOMER_EXISTS");
    });

    it("creates one of many with the same e-mail at the same moment [201]", async () => {
      const body = fresh();
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    });

    it("names what is wrong [VALIDATION_ERROR]", async () => {
      expectInvalid(await post({}), "email", "profile");
      expectInvalid(
        await post({ email: "nobody", profile: { firstName: "Ada" }, tier: "wood", lifetimeSpend: 5 }),
        "email",
        "profile.lastName",
        "tier",
        "lifetimeSpend",
      );
      expectInvalid(await post({ ...fresh(), addresses: ["Hamburg"], preferences: [] }), "addresses.0", "preferences");
    });
  });

  describe("customer: GET /v1/customers/{customerId}", () => {
    it("gives one customer, and is CUSTOMER_NOT_FOUND for one that does not exist [200] [CUSTOMER_NOT_FOUND]", async () => {
      const customerId = await customer();
      const answer = await mesh.api("GET", `/v1/customers/${customerId}`);
      expect(answer).toMatchObject({ status: 200, data: { customer: { customerId, lifetimeSpend: 0 } } });
      expectError(await mesh.api("GET", `/v1/customers/${unique("cust")}`), 404, "CUSTOMER_NOT_FOUND");
    });
  });

  describe("customer: PATCH /v1/customers/{customerId}", () => {
    it("is CUSTOMER_NOT_FOUND for one that does not exist [CUSTOMER_NOT_FOUND]", async () => {
      expectError(await patch(unique("cust"), { tier: "gold" }), 404, "CUSTOMER_NOT_FOUND");
    });

    it("changes what is given, publishes CustomerUpdated with it, and nothing where nothing changes [200]", async () => {
      const customerId = await customer();
      const changes = {
        profile: { firstName: "Ada", lastName: "Lovelace" },
        preferences: { newsletter: false },
        addresses: [{ city: "London" }],
      };
      const changed = await patch(customerId, changes);
      expect(changed).toMatchObject({ status: 200, data: { customer: { customerId, tier: "bronze", ...changes } } });
      for (const same of [changes, { tier: "bronze" }, { addresses: [{ city: "London" }] }]) {
        expect(await patch(customerId, same)).toMatchObject({ status: 200, data: { customer: changed.data.customer } });
      }
      await patch(customerId, { tier: "gold" });
      const events = await mesh.events(customerId, 3);
      expect(events.map(({ envelope }) => envelope.eventType)).toEqual([
        "CustomerCreated",
        "CustomerUpdated",
        "CustomerUpdated",
      ]);
      expect(events[1]!.envelope.data).toMatchObject({ customerId, changes });
      expect(events[2]!.envelope.data.changes).toEqual({ tier: "gold" });
      expect(events[2]!.envelope.data.updatedBy).toBe("admin");
    });

    it("lets a customer change what is theirs, but for the tier [200] [owner] [tier]", async () => {
      const customerId = await customer();
      const token = mesh.token(customerId);
      const own = (body: unknown) => mesh.api("PATCH", `/v1/customers/${customerId}`, { body, token });
      expect((await own({ preferences: { colour: "red" } })).status).toBe(200);
      expectError(await own({ tier: "platinum" }), 403, "FORBIDDEN");
      expectError(await own({ preferences: { colour: "blue" }, tier: "bronze" }), 403, "FORBIDDEN");
      expect(await get(customerId)).toMatchObject({ tier: "bronze", preferences: { colour: "red" } });
      const events = await mesh.events(customerId, 2);
      expect(events[1]!.envelope.data.updatedBy).toBe(customerId);
    });

    it("refuses other fields [VALIDATION_ERROR]", async () => {
      const customerId = await customer();
      expectInvalid(
        await patch(customerId, { email: "new@example.com", tier: "wood", lifetimeSpend: 1_000_000 }),
        "email",
        "tier",
        "lifetimeSpend",
      );
    });
  });

  describe("customer: lifetime spend and tier", () => {
    it("rises with what is paid, tier by tier, and shows in the activity, newest first", async () => {
      const customerId = await customer();
      const promotionId = await promotion({ rules: { actions: { discountValue: 50 } } });
      const pay = async (unitPrice: number) => {
        const body = order({ customerId, items: [{ productId: "p", quantity: 1, unitPrice }] });
        expect((await mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body })).status).toBe(201);
        return body.orderId;
      };
      const becomes = (lifetimeSpend: number, tier: string) =>
        eventually(
          `spend ${lifetimeSpend} makes ${tier}`,
          async () => {
            const now = await get(customerId);
            return now.lifetimeSpend === lifetimeSpend && now.tier === tier;
          },
          soon,
        );
      const orders = [];
      for (const [unitPrice, spend, tier] of [
        [1999.98, 999.99, "bronze"],
        [0.02, 1000, "silver"],
        [7999.98, 4999.99, "silver"],
        [0.02, 5000, "gold"],
        [29_999.98, 19_999.99, "gold"],
        [0.02, 20_000, "platinum"],
      ] as const) {
        orders.push(await pay(unitPrice));
        await becomes(spend, tier);
      }
      const { data } = await mesh.api("GET", `/v1/customers/${customerId}/activity`);
      expect(data.activity.map(({ type }: { type: string }) => type)).toEqual(Array(6).fill("PromotionApplied"));
      expect(data.activity.map(({ details }: { details: { orderId: string } }) => details.orderId)).toEqual(
        orders.reverse(),
      );
    });

    it("never lowers a tier that an admin set, and an admin may lower it", async () => {
      const customerId = await customer({ tier: "platinum" });
      const promotionId = await promotion();
      const body = order({ customerId });
      await mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body });
      await eventually("it is counted", async () => (await get(customerId)).lifetimeSpend === 90);
      expect((await get(customerId)).tier).toBe("platinum");
      expect((await patch(customerId, { tier: "bronze" })).data.customer.tier).toBe("bronze");
    });
  });

  describe("customer: GET /v1/customers/{customerId}/activity", () => {
    it("is CUSTOMER_NOT_FOUND for a customer that does not exist [CUSTOMER_NOT_FOUND]", async () => {
      expectError(await mesh.api("GET", `/v1/customers/${unique("cust")}/activity`), 404, "CUSTOMER_NOT_FOUND");
    });

    it("is walked page by page, each entry once [200] [cursor]", async () => {
      const customerId = await customer();
      const promotionId = await promotion();
      for (let n = 0; n < 5; n++) {
        await mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body: order({ customerId }) });
      }
      const page = (query: string) => mesh.api("GET", `/v1/customers/${customerId}/activity?${query}`);
      await eventually("all are there", async () => (await page("")).data.activity.length === 5);
      const first = await page("limit=3");
      expect(first.status).toBe(200);
      const second = await page(`limit=3&cursor=${first.meta.nextCursor}`);
      expect(second.meta).not.toHaveProperty("nextCursor");
      const ids = [...first.data.activity, ...second.data.activity].map(({ details }) => details.orderId);
      expect([first.data.activity.length, new Set(ids).size]).toEqual([3, 5]);
      expect((await mesh.api("GET", `/v1/customers/${await customer()}/activity`)).data.activity).toEqual([]);
    });
  });
}
