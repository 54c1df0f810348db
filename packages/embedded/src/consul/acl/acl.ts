import { hash, randomUUID, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../../http/server.ts";
import { denied } from "../access.ts";
import { badRequest, Refusal } from "../refusal.ts";
import { type Access, isAllowed, parseRules, type Resource } from "./rules.ts";

export interface Policy {
  id: string;
  name: string;
  description: string;
  rules: string;
  createIndex: number;
  modifyIndex: number;
}

export interface Token {
  accessorId: string;
  secretId: string;
  description: string;
  policyIds: string[];
  createTime: string;
  createIndex: number;
  modifyIndex: number;
}

export interface AclSnapshot {
  policies: Policy[];
  tokens: Token[];
}

/** Who asks, and what they may do. */
export interface Permissions {
  token: Token;
  may(resource: Resource, name: string, access: Access): boolean;
  /** @throws Refusal 403 */
  demand(resource: Resource, name: string, access: Access): void;
}

/** Access control with deny as the default. Source: Consul, "ACL system overview", and its HTTP API, "ACLs". */
export interface Acl {
  /** By `X-Consul-Token`, a bearer token or `?token`; nobody is the anonymous token, which may do nothing at first. @throws Refusal 403 for an unknown one */
  permissionsOf(request: HttpRequest): Permissions;
  policies(): Policy[];
  policy(idOrName: string): Policy | undefined;
  /** @throws Refusal */
  putPolicy(given: Record<string, unknown>, id?: string): Policy;
  removePolicy(id: string): boolean;
  tokens(): Token[];
  token(accessorId: string): Token | undefined;
  /** @throws Refusal */
  putToken(given: Record<string, unknown>, accessorId?: string): Token;
  removeToken(accessorId: string): boolean;
}

const managementId = "00000000-0000-0000-0000-000000000001";
const anonymousId = "00000000-0000-0000-0000-000000000002";
const bounds = { policies: 1000, tokens: 10_000 };

export function acl(
  { nextIndex, save }: { nextIndex: () => number; save: (snapshot: AclSnapshot) => void },
  { initialManagementToken }: { initialManagementToken: string },
  initial?: AclSnapshot,
): Acl {
  const everything: Policy = {
    id: managementId,
    name: "global-management",
    description: "Builtin Policy that grants unlimited access",
    rules: "",
    createIndex: 1,
    modifyIndex: 1,
  };
  const builtIn = (accessorId: string, secretId: string, description: string, policyIds: string[]): Token => ({
    accessorId,
    secretId,
    description,
    policyIds,
    createTime: new Date().toISOString(),
    createIndex: 1,
    modifyIndex: 1,
  });
  // Made once: a managing token that was deleted since must not come back with the next start.
  const saved = initial ?? {
    policies: [],
    tokens: [
      builtIn(anonymousId, "anonymous", "Anonymous Token", []),
      builtIn(randomUUID(), initialManagementToken, "Initial Management Token", [managementId]),
    ],
  };
  let policies: ReadonlyMap<string, Policy> = new Map(
    [everything, ...saved.policies].map((policy) => [policy.id, policy]),
  );
  let tokens: ReadonlyMap<string, Token> = new Map(saved.tokens.map((token) => [token.accessorId, token]));

  /** On disk first: what could not be written down is not so, neither here nor after the next start. */
  function become(next: { policies?: Iterable<Policy>; tokens?: Iterable<Token> }): void {
    const policiesThen = new Map([...(next.policies ?? policies.values())].map((policy) => [policy.id, policy]));
    const tokensThen = new Map([...(next.tokens ?? tokens.values())].map((token) => [token.accessorId, token]));
    save({
      policies: [...policiesThen.values()].filter(({ id }) => id !== managementId),
      tokens: [...tokensThen.values()],
    });
    [policies, tokens] = [policiesThen, tokensThen];
  }
  if (!initial) become({});
  const find = (idOrName: string) =>
    policies.get(idOrName) ?? [...policies.values()].find(({ name }) => name === idOrName);

  function withPermissions(token: Token): Permissions {
    const rules = token.policyIds.flatMap((id) => parseRules(policies.get(id)?.rules ?? ""));
    const may: Permissions["may"] = (resource, name, access) =>
      token.policyIds.includes(managementId) || isAllowed(rules, resource, name, access);
    return {
      token,
      may,
      demand(resource, name, access) {
        if (!may(resource, name, access)) throw denied(token.accessorId, resource, name, access);
      },
    };
  }

  return {
    permissionsOf(request) {
      const secret = secretOf(request);
      const token =
        secret === "" ? tokens.get(anonymousId) : [...tokens.values()].find(({ secretId }) => isSame(secretId, secret));
      if (!token) throw new Refusal(403, "ACL not found");
      return withPermissions(token);
    },
    policies: () => [...policies.values()],
    policy: find,
    putPolicy(given, id) {
      const before = id === undefined ? undefined : policies.get(id);
      if (id !== undefined && !before) throw new Refusal(404, `Cannot find policy "${id}"`);
      if (before === everything)
        throw new Refusal(500, "Changing the Rules for the builtin global-management policy is not permitted");
      if (!before && policies.size >= bounds.policies)
        throw new Refusal(500, `this embedded server holds at most ${bounds.policies} policies`);
      const { name = before?.name ?? "", description = "", rules = "" } = given;
      if (typeof name !== "string" || typeof rules !== "string" || typeof description !== "string")
        throw badRequest("Policy decoding failed: Name, Description and Rules are texts");
      if (!/^[A-Za-z0-9_-]{1,128}$/.test(name))
        throw new Refusal(500, "Invalid Policy: invalid Name. Only alphanumeric characters, '-' and '_' are allowed");
      if ([...policies.values()].some((one) => one.name === name && one !== before))
        throw new Refusal(500, `Invalid Policy: A Policy with Name "${name}" already exists`);
      parseRules(rules);
      const at = nextIndex();
      const policy = {
        id: id ?? randomUUID(),
        name,
        description,
        rules,
        createIndex: before?.createIndex ?? at,
        modifyIndex: at,
      };
      become({ policies: [...policies.values(), policy] });
      return policy;
    },
    removePolicy(id) {
      if (id === managementId)
        throw new Refusal(500, "Delete operation not permitted on the builtin global-management policy");
      const isThere = policies.has(id);
      become({
        policies: [...policies.values()].filter((policy) => policy.id !== id),
        tokens: [...tokens.values()].map((token) => ({
          ...token,
          policyIds: token.policyIds.filter((one) => one !== id),
        })),
      });
      return isThere;
    },
    tokens: () => [...tokens.values()],
    token: (accessorId) => tokens.get(accessorId),
    putToken(given, accessorId) {
      const before = accessorId === undefined ? undefined : tokens.get(accessorId);
      if (accessorId !== undefined && !before) throw new Refusal(404, `Cannot find token "${accessorId}"`);
      if (!before && tokens.size >= bounds.tokens)
        throw new Refusal(500, `this embedded server holds at most ${bounds.tokens} tokens`);
      const { description = before?.description ?? "", policies: wanted = [], secretid, accessorid } = given;
      if (typeof description !== "string" || !Array.isArray(wanted)) throw badRequest("Token decoding failed");
      const policyIds = wanted.map((link: { ID?: string; Name?: string; id?: string; name?: string }) => {
        const policy = find(link.ID ?? link.id ?? link.Name ?? link.name ?? "");
        if (!policy)
          throw new Refusal(500, `No such ACL policy with name "${link.Name ?? link.name ?? link.ID ?? link.id}"`);
        return policy.id;
      });
      const at = nextIndex();
      const token: Token = {
        accessorId: accessorId ?? (typeof accessorid === "string" && accessorid ? accessorid : randomUUID()),
        secretId: before?.secretId ?? (typeof secretid === "string" && secretid ? secretid : randomUUID()),
        description,
        policyIds: [...new Set(policyIds)],
        createTime: before?.createTime ?? new Date().toISOString(),
        createIndex: before?.createIndex ?? at,
        modifyIndex: at,
      };
      if (
        !before &&
        [...tokens.values()].some((one) => one.accessorId === token.accessorId || isSame(one.secretId, token.secretId))
      )
        throw new Refusal(500, "Invalid Token: AccessorID or SecretID is already in use");
      become({ tokens: [...tokens.values(), token] });
      return token;
    },
    removeToken(accessorId) {
      if (accessorId === anonymousId) throw new Refusal(500, "Delete operation not permitted on the anonymous token");
      const isThere = tokens.has(accessorId);
      become({ tokens: [...tokens.values()].filter((token) => token.accessorId !== accessorId) });
      return isThere;
    },
  };
}

function secretOf({ headers, query }: HttpRequest): string {
  const header = headers["x-consul-token"];
  if (typeof header === "string" && header !== "") return header;
  const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? "") ?? [];
  return bearer ?? query.get("token") ?? "";
}

const isSame = (one: string, other: string) =>
  timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
