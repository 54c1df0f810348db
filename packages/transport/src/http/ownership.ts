import { type CallContext, Forbidden } from "@weft/core";

/**
 * A customer may only touch what is theirs; an admin passes, and so does the work of a service: a call between services,
 * which has no user (`X-User-Role` is set by the gateway alone), and the handler of an event, whoever began its chain.
 * @throws Forbidden
 */
export function assertOwner({ user }: Pick<CallContext, "user">, customerId: string): void {
  if (user === undefined || user.isProvenance || user.role === "admin") return;
  if (user.id !== customerId) throw new Forbidden({ message: "this belongs to another customer" });
}

/** @throws Forbidden where a user is there and is no admin */
export function assertAdmin({ user }: Pick<CallContext, "user">): void {
  if (user !== undefined && !user.isProvenance && user.role !== "admin") throw new Forbidden({});
}
