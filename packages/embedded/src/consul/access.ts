import type { HttpRequest } from "../http/server.ts";
import type { Acl, Permissions } from "./acl/acl.ts";
import type { Access, Resource } from "./acl/rules.ts";
import { Refusal } from "./refusal.ts";

/** What the one who asks may do. @throws Refusal 403 for a token that does not exist */
export type PermissionsOf = (request: HttpRequest) => Pick<Permissions, "may" | "demand">;

/** Without access control a token is accepted and not looked at. */
export const permissionsOf = (acl: Acl | undefined): PermissionsOf =>
  acl ? (request) => acl.permissionsOf(request) : () => ({ may: () => true, demand: () => {} });

export const denied = (accessorId: string, resource: Resource, name: string, access: Access) =>
  new Refusal(
    403,
    `Permission denied: token with AccessorID '${accessorId}' lacks permission '${resource}:${access}'${name ? ` on "${name}"` : ""}`,
  );
