import type { HttpHandler, HttpRequest } from "../../http/server.ts";
import { json } from "../answering.ts";
import { readObject } from "../definitions.ts";
import { Refusal } from "../refusal.ts";
import type { Acl, Policy, Token } from "./acl.ts";

/** Source: Consul HTTP API, "ACL policies" and "ACL tokens". */
export function aclRoutes(acl: Acl | undefined): Record<string, HttpHandler> {
  const on =
    (access: "read" | "write" | "own", handle: (acl: Acl, request: HttpRequest) => unknown): HttpHandler =>
    (request) => {
      if (!acl) throw new Refusal(401, "ACL support disabled");
      const permissions = acl.permissionsOf(request);
      if (access !== "own") permissions.demand("acl", "", access);
      return json(handle(acl, request), request);
    };
  const found = <T>(thing: T | undefined, what: string): T => {
    if (thing === undefined) throw new Refusal(404, what);
    return thing;
  };
  const policy = (request: HttpRequest, of: Acl) =>
    found(of.policy(request.params.id ?? ""), `Requested policy does not exist: ACL not found`);
  const token = (request: HttpRequest, of: Acl) =>
    found(of.token(request.params.id ?? ""), `Requested token does not exist: ACL not found`);

  return {
    "PUT /v1/acl/bootstrap": on("own", () => {
      throw new Refusal(403, "Permission denied: ACL bootstrap no longer allowed (reset index: 1)");
    }),
    "GET /v1/acl/policies": on("read", (of) => of.policies().map(policyAnswer)),
    "PUT /v1/acl/policy": on("write", (of, { body }) => policyAnswer(of.putPolicy(readObject(body)))),
    "GET /v1/acl/policy/{id}": on("read", (of, request) => policyAnswer(policy(request, of))),
    "GET /v1/acl/policy/name/{id}": on("read", (of, request) => policyAnswer(policy(request, of))),
    "PUT /v1/acl/policy/{id}": on("write", (of, { body, params }) =>
      policyAnswer(of.putPolicy(readObject(body), params.id)),
    ),
    "DELETE /v1/acl/policy/{id}": on("write", (of, { params }) => of.removePolicy(params.id ?? "")),

    "GET /v1/acl/tokens": on("read", (of) => of.tokens().map((one) => tokenAnswer(one, of))),
    "GET /v1/acl/token/self": on("own", (of, request) => tokenAnswer(of.permissionsOf(request).token, of)),
    "PUT /v1/acl/token": on("write", (of, { body }) => tokenAnswer(of.putToken(readObject(body)), of)),
    "GET /v1/acl/token/{id}": on("read", (of, request) => tokenAnswer(token(request, of), of)),
    "PUT /v1/acl/token/{id}": on("write", (of, { body, params }) =>
      tokenAnswer(of.putToken(readObject(body), params.id), of),
    ),
    "DELETE /v1/acl/token/{id}": on("write", (of, { params }) => of.removeToken(params.id ?? "")),
  };
}

const policyAnswer = ({ id, name, description, rules, createIndex, modifyIndex }: Policy) => ({
  ID: id,
  Name: name,
  Description: description,
  Rules: rules,
  CreateIndex: createIndex,
  ModifyIndex: modifyIndex,
});

const tokenAnswer = (token: Token, acl: Acl) => ({
  AccessorID: token.accessorId,
  SecretID: token.secretId,
  Description: token.description,
  Policies: token.policyIds.map((id) => ({ ID: id, Name: acl.policy(id)?.name ?? "" })),
  Local: false,
  CreateTime: token.createTime,
  CreateIndex: token.createIndex,
  ModifyIndex: token.modifyIndex,
});
