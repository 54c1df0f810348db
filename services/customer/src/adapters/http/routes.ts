import { fromCents, newId } from "@weft/core";
import { type PageQuery, pageOf, pageQuery } from "@weft/service-kit/plain";
import { assertAdmin, assertOwner, type Route } from "@weft/transport";
import type { manageCustomers } from "../../application/customers.ts";
import type { Activity, ActivityStore } from "../../application/ports.ts";
import type { Customer, CustomerPatch, NewCustomer } from "../../domain/customer.ts";
import { activityData, customerData, customerPatch, newCustomer } from "./schemas.ts";

export interface CustomerRoutesParts {
  manage: ReturnType<typeof manageCustomers>;
  activity: ActivityStore;
}

type NewCustomerBody = Omit<NewCustomer, "customerId"> & { customerId?: string };

export function customerRoutes({ manage, activity }: CustomerRoutesParts): Route[] {
  const one = { type: "object", properties: { customer: customerData } };

  const create: Route<NewCustomerBody> = {
    method: "POST",
    path: "/v1/customers",
    summary: "Creates a customer",
    body: newCustomer,
    response: one,
    errors: ["CUSTOMER_EXISTS"],
    async handle({ body, context }) {
      assertAdmin(context);
      const customer = await manage.create({ ...body, customerId: body.customerId ?? newId("cust") });
      return { status: 201, data: { customer: shownCustomer(customer) } };
    },
  };

  const get: Route = {
    method: "GET",
    path: "/v1/customers/{customerId}",
    summary: "Gives one customer, with what was spent so far",
    response: one,
    errors: ["CUSTOMER_NOT_FOUND"],
    async handle({ params, context }) {
      assertOwner(context, params.customerId!);
      return { data: { customer: shownCustomer(await manage.get(params.customerId!)) } };
    },
  };

  const patch: Route<CustomerPatch> = {
    method: "PATCH",
    path: "/v1/customers/{customerId}",
    summary:
      "Changes a customer; fields of profile and preferences one by one (null takes one away), addresses as a whole",
    body: customerPatch,
    response: one,
    errors: ["CUSTOMER_NOT_FOUND"],
    async handle({ params, body, context }) {
      assertOwner(context, params.customerId!);
      if (body.tier !== undefined) assertAdmin(context);
      const customer = await manage.patch(params.customerId!, body, context.user?.id ?? context.caller);
      return { data: { customer: shownCustomer(customer) } };
    },
  };

  const listActivity: Route<undefined, PageQuery> = {
    method: "GET",
    path: "/v1/customers/{customerId}/activity",
    summary: "Lists what happened around a customer, newest first",
    query: { type: "object", properties: pageQuery },
    response: { type: "object", properties: { activity: { type: "array", items: activityData } } },
    errors: ["CUSTOMER_NOT_FOUND"],
    async handle({ params, query, context }) {
      const customerId = params.customerId!;
      assertOwner(context, customerId);
      const { items, meta } = await pageOf(
        query,
        { list: "activity", filter: { customerId } },
        async (count, before) => {
          await manage.get(customerId);
          return activity.list(customerId, count, before);
        },
      );
      return { data: { activity: items.map(shownActivity) }, meta };
    },
  };

  return [create, get, patch, listActivity];
}

function shownCustomer({ lifetimeSpend, createdAt, updatedAt, ...customer }: Customer) {
  return {
    ...customer,
    lifetimeSpend: fromCents(lifetimeSpend),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function shownActivity({ activityId, type, occurredAt, details }: Activity) {
  return { activityId, type, occurredAt: occurredAt.toISOString(), details };
}
