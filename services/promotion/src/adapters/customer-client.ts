import { DependencyFailed, WeftError } from "@weft/core";
import { type HttpClient, isNotSent, pathOf } from "@weft/transport";
import type { Customers } from "../application/ports.ts";
import { CustomerNotFound } from "../domain/errors.ts";

/** Asks customer-service for the customer of whom no event has come yet. */
export function customerClient(http: HttpClient): Customers {
  return {
    async tierOf(customerId) {
      const path = pathOf`/v1/customers/${customerId}`;
      try {
        const { data } = await http.request<{ customer?: { tier?: unknown } }>({ method: "GET", path });
        if (typeof data.customer?.tier === "string") return data.customer.tier;
      } catch (error) {
        if (CustomerNotFound.is(error)) throw new CustomerNotFound({ customerId }, { cause: error });
        // Its other refusals (a route that it does not have, say) are no answer to our caller's request.
        if (!(error instanceof WeftError) || DependencyFailed.is(error) || isNotSent(error)) throw error;
        throw new DependencyFailed(
          { service: http.service, operation: `GET ${path}`, cause: "bad_answer" },
          { cause: error },
        );
      }
      throw new DependencyFailed({ service: http.service, operation: `GET ${path}`, cause: "bad_answer" });
    },
  };
}
