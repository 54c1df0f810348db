import { defineError } from "@weft/core";

export const CustomerNotFound = defineError<{ customerId: string }>({
  code: "CUSTOMER_NOT_FOUND",
  kind: "not-found",
  message: ({ customerId }) => `customer ${customerId} does not exist`,
});

export const CustomerExists = defineError<{ field: "customerId" | "email" }>({
  code: "CUSTOMER_EXISTS",
  kind: "exists",
  // Nothing changes an e-mail, and nothing deletes a customer.
  isFinal: true,
  message: ({ field }) => `another customer has this ${field}`,
  details: ({ field }) => ({ field }),
});
