import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import type { ConsulScripts, ConsulSession } from "./consul-session.ts";

const asked = (token: string) => ({ "X-Consul-Token": token });

/** A token that may do what the rules say. @returns its secret */
async function tokenFor(session: ConsulSession, rules: string): Promise<{ secret: string; accessor: string }> {
  const name = session.name("policy");
  const policy = await session.put("/v1/acl/policy", { Name: name, Rules: rules });
  expect([policy.status, policy.text.slice(0, 1)]).toEqual([200, "{"]);
  const token = await session.put("/v1/acl/token", { Description: name, Policies: [{ Name: name }] });
  expect(token.status).toBe(200);
  const { SecretID, AccessorID } = token.json as { SecretID: string; AccessorID: string };
  return { secret: SecretID, accessor: AccessorID };
}

/** The session's own token manages everything. Deny is the default. */
export const aclScripts: ConsulScripts = {
  "denies what nobody asks for by a token": async (session) => {
    const registered = await session.request("PUT", "/v1/agent/service/register", { Name: session.name() }, asked(""));
    expect([registered.status, registered.text]).toEqual([403, expect.stringContaining("Permission denied")]);
    const read = await session.request("GET", `/v1/kv/${session.name("key")}`, undefined, asked(""));
    expect(read.status).toBe(403);
  },
  "knows no token that was never given": async (session) => {
    const { status, text } = await session.request(
      "GET",
      "/v1/agent/services",
      undefined,
      asked("11111111-1111-1111-1111-111111111111"),
    );
    expect([status, text]).toEqual([403, expect.stringContaining("ACL not found")]);
  },
  "lets a service's token register that service, and no other": async (session) => {
    const [own, other] = [session.name(), session.name()];
    const { secret } = await tokenFor(session, `service "${own}" { policy = "write" }`);
    const register = (Name: string) => session.request("PUT", "/v1/agent/service/register", { Name }, asked(secret));
    expect((await register(own)).status).toBe(200);
    const refused = await register(other);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("Permission denied")]);
    const gone = await session.request("PUT", `/v1/agent/service/deregister/${own}`, undefined, asked(secret));
    expect(gone.status).toBe(200);
  },
  "keeps a token from taking over another service's id": async (session) => {
    const [own, other] = [session.name(), session.name()];
    await session.register({ ID: other, Name: other });
    const { secret } = await tokenFor(session, `service "${own}" { policy = "write" }`);
    const { status } = await session.request(
      "PUT",
      "/v1/agent/service/register",
      { ID: other, Name: own },
      asked(secret),
    );
    expect(status).toBe(403);
    const gone = await session.request("PUT", `/v1/agent/service/deregister/${other}`, undefined, asked(secret));
    expect(gone.status).toBe(403);
  },
  "shows what may be read and leaves out the rest": async (session) => {
    const [seen, hidden] = [session.name(), session.name()];
    await session.register({ Name: seen });
    await session.register({ Name: hidden });
    const { secret } = await tokenFor(
      session,
      `service "${seen}" { policy = "read" } node_prefix "" { policy = "read" }`,
    );
    const names = await session.request("GET", "/v1/catalog/services", undefined, asked(secret));
    expect([
      Object.keys(names.json as object).includes(seen),
      Object.keys(names.json as object).includes(hidden),
    ]).toEqual([true, false]);
    const instances = (name: string) => session.request("GET", `/v1/health/service/${name}`, undefined, asked(secret));
    await eventually("the catalog has it", async () => ((await instances(seen)).json as unknown[]).length === 1);
    expect([(await instances(hidden)).status, (await instances(hidden)).json]).toEqual([200, []]);
  },
  "shows no instances to who may not see the node": async (session) => {
    const name = session.name();
    await session.register({ Name: name });
    const { secret } = await tokenFor(session, `service "${name}" { policy = "read" }`);
    const { json } = await session.request("GET", `/v1/health/service/${name}`, undefined, asked(secret));
    expect(json).toEqual([]);
  },
  "takes the exact rule before the prefix, and the longest prefix before others": async (session) => {
    const root = session.name("dir");
    const { secret } = await tokenFor(
      session,
      `key_prefix "${root}/" { policy = "write" } key_prefix "${root}/a/" { policy = "read" } key "${root}/a/b" { policy = "deny" }`,
    );
    const put = async (key: string) =>
      (await session.request("PUT", `/v1/kv/${root}/${key}`, "x", asked(secret))).status;
    const read = async (key: string) =>
      (await session.request("GET", `/v1/kv/${root}/${key}`, undefined, asked(secret))).status;
    expect([await put("x"), await put("a/x"), await put("a/b")]).toEqual([200, 403, 403]);
    expect([await read("x"), await read("a/x"), await read("a/b")]).toEqual([200, 404, 403]);
  },
  "takes rules in JSON": async (session) => {
    const key = session.name("key");
    const { secret } = await tokenFor(session, JSON.stringify({ key: { [key]: { policy: "write" } } }));
    expect((await session.request("PUT", `/v1/kv/${key}`, "x", asked(secret))).status).toBe(200);
  },
  "takes rules with comments, and names of blocks in quotation marks": async (session) => {
    const [key, other] = [session.name("key"), session.name("key#1/*2*/")];
    const { secret } = await tokenFor(
      session,
      `# a line of its own
      "key" "${key}" { # behind a brace
        policy = "write" // behind a value
      }
      /* over two lines:
         key_prefix "" { policy = "write" } */
      key /* between */ "${other}" { "policy" = "write", } # at the end, without a new line`,
    );
    const put = async (name: string) =>
      (await session.request("PUT", `/v1/kv/${encodeURIComponent(name)}`, "x", asked(secret))).status;
    expect([await put(key), await put(other), await put(session.name("key"))]).toEqual([200, 200, 403]);
  },
  "refuses rules that are none, and says why": async (session) => {
    for (const [Rules, reason] of [
      ['service "x" {', "Failed to parse ACL rules: At 1:"],
      ['service "x" {\n  policy = read\n}', "Failed to parse ACL rules: At 2:12: "],
      ['key "x" { policy = "read" } /* open', "comment not terminated"],
      ['service "x" { policy = "maybe" }', "Invalid service policy: "],
      ['operator = "maybe"', 'Invalid operator policy: "maybe"'],
    ]) {
      const { status, text } = await session.put("/v1/acl/policy", { Name: session.name("policy"), Rules });
      expect([Rules, status, text]).toEqual([Rules, 500, expect.stringContaining(reason ?? "")]);
    }
  },
  "takes a token as a bearer, and from the query": async (session) => {
    const key = session.name("key");
    const { secret } = await tokenFor(session, `key "${key}" { policy = "read" }`);
    const bearer = { ...asked(""), authorization: `Bearer ${secret}` };
    expect((await session.request("GET", `/v1/kv/${key}`, undefined, bearer)).status).toBe(404);
    expect((await session.request("GET", `/v1/kv/${key}?token=${secret}`, undefined, asked(""))).status).toBe(404);
  },
  "tells a token of itself, and nobody else of it": async (session) => {
    const { secret, accessor } = await tokenFor(session, 'key "x" { policy = "read" }');
    const self = await session.request("GET", "/v1/acl/token/self", undefined, asked(secret));
    expect(self.json).toMatchObject({ AccessorID: accessor });
    expect((await session.request("GET", "/v1/acl/tokens", undefined, asked(secret))).status).toBe(403);
    expect((await session.get(`/v1/acl/token/${accessor}`)).json).toMatchObject({ AccessorID: accessor });
  },
  "forgets a token that is deleted": async (session) => {
    const key = session.name("key");
    const { secret, accessor } = await tokenFor(session, `key "${key}" { policy = "read" }`);
    expect((await session.request("DELETE", `/v1/acl/token/${accessor}`)).json).toBe(true);
    await eventually("the token is unknown", async () => {
      const { status, text } = await session.request("GET", `/v1/kv/${key}`, undefined, asked(secret));
      return status === 403 && text.includes("ACL not found");
    });
  },
  "tells nothing to a token that was deleted while it waited": async (session) => {
    const Name = session.name();
    await session.register({ Name });
    const rules = `service "${Name}" { policy = "read" } node_prefix "" { policy = "read" }`;
    const { secret, accessor } = await tokenFor(session, rules);
    const ask = (query = "") => session.request("GET", `/v1/health/service/${Name}${query}`, undefined, asked(secret));
    await eventually("the catalog has it", async () => ((await ask()).json as unknown[]).length === 1);
    const waiting = ask(`?index=${(await ask()).index}&wait=15s`);
    expect((await session.request("DELETE", `/v1/acl/token/${accessor}`)).json).toBe(true);
    await session.register({ Name, Tags: ["changed"] });
    const { status, text } = await waiting;
    expect([status, text]).toEqual([403, expect.stringContaining("ACL not found")]);
  },
  "names a policy once": async (session) => {
    const Name = session.name("policy");
    expect((await session.put("/v1/acl/policy", { Name, Rules: "" })).status).toBe(200);
    expect((await session.put("/v1/acl/policy", { Name, Rules: "" })).status).toBeGreaterThanOrEqual(400);
  },
  "keeps the agent, its sessions and maintenance from who may not": async (session) => {
    const { secret } = await tokenFor(session, 'key "x" { policy = "read" }');
    for (const [method, path] of [
      ["GET", "/v1/agent/self"],
      ["PUT", "/v1/session/create"],
      ["PUT", "/v1/agent/maintenance?enable=true"],
    ] as const) {
      const { status } = await session.request(method, path, undefined, asked(secret));
      expect([path, status]).toEqual([path, 403]);
    }
  },
  "does nothing of a transaction with a write that a token may not do, and leaves out what it may not read": async (
    session,
  ) => {
    const [own, other] = [session.name("key"), session.name("key")];
    const { secret } = await tokenFor(session, `key "${own}" { policy = "write" }`);
    const transact = (...steps: { Verb: string; Key: string }[]) =>
      session.request(
        "PUT",
        "/v1/txn",
        steps.map((KV) => ({ KV })),
        asked(secret),
      );
    const refused = await transact({ Verb: "set", Key: own }, { Verb: "set", Key: other });
    expect([refused.status, refused.json]).toEqual([
      409,
      { Results: null, Errors: [{ OpIndex: 1, What: expect.stringContaining("Permission denied") }] },
    ]);
    expect((await session.get(`/v1/kv/${own}`)).status).toBe(404);
    expect((await transact({ Verb: "set", Key: own })).status).toBe(200);
    await session.put(`/v1/kv/${other}`, "hidden");
    const read = await transact({ Verb: "get", Key: own }, { Verb: "get", Key: other });
    expect((read.json as { Results: { KV: { Key: string } }[] }).Results.map(({ KV }) => KV.Key)).toEqual([own]);
  },
};
