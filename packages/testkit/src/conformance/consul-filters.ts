import { expect } from "@jest/globals";
import type { ConsulScripts, ConsulSession, HealthEntry } from "./consul-session.ts";

/** Two instances of one service: version 1 with the tag blue, version 2 with the tags green and new. */
async function twoVersions(session: ConsulSession): Promise<string> {
  const Name = session.name();
  const passing = { Status: "passing", TTL: "60s" };
  await session.register({ ID: `${Name}-1`, Name, Port: 8001, Tags: ["blue"], Meta: { version: "1" }, Check: passing });
  await session.register({
    ID: `${Name}-2`,
    Name,
    Port: 8002,
    Tags: ["green", "new"],
    Meta: { version: "2", zone: "a b" },
    Check: { ...passing, Status: "warning" },
  });
  return Name;
}

/** The numbers of the instances that a filter leaves. */
async function left(session: ConsulSession, name: string, filter: string): Promise<string[]> {
  const { status, text, json } = await session.get(`/v1/health/service/${name}?filter=${encodeURIComponent(filter)}`);
  expect([filter, status, status === 200 ? "" : text]).toEqual([filter, 200, ""]);
  return (json as HealthEntry[]).map(({ Service }) => Service.ID.slice(-1)).sort();
}

const cases: [string, string, string[]][] = [
  ["a value of the metadata", 'Service.Meta.version == "2"', ["2"]],
  ["another value", 'Service.Meta.version != "2"', ["1"]],
  ["a value without quotes", "Service.Meta.version == 1", ["1"]],
  ["a number", "Service.Port == 8002", ["2"]],
  ["a value that is in a list", "green in Service.Tags", ["2"]],
  ["a value that is not in a list", "green not in Service.Tags", ["1"]],
  ["a list that has a value", 'Service.Tags contains "blue"', ["1"]],
  ["metadata that has a name", "Service.Meta contains zone", ["2"]],
  ["a text that fits a pattern", 'Service.ID matches ".*-1$"', ["1"]],
  ["a pattern that says not to look at the case", 'Service.ID matches "(?i)SVC.*-2$"', ["2"]],
  ["a pattern between backquotes, where a backslash is one", "Service.ID matches `^svc\\-[a-z0-9\\-]+\\-1$`", ["1"]],
  ["a pattern with a backslash twice between quotation marks", 'Service.ID matches "\\\\-1$"', ["1"]],
  ["a pattern that is looked for anywhere", "Service.ID matches svc", ["1", "2"]],
  ["a pattern that does not fit", "Service.ID not matches `1$`", ["2"]],
  ["both of two", 'Service.Meta.version == "2" and "new" in Service.Tags', ["2"]],
  ["one of two", 'Service.Meta.version == "1" or "new" in Service.Tags', ["1", "2"]],
  ["the opposite of what is in parentheses", 'not (Service.Meta.version == "1" or Service.Port == 8001)', ["2"]],
  ["and before or", "Service.Port == 8001 or Service.Port == 8002 and Service.Port == 8001", ["1"]],
  ["lists that are not empty", "Service.Tags is not empty", ["1", "2"]],
  ["lists that are empty", "Service.Tags is empty", []],
  ["a field of things in a list", "Checks.Status == warning", ["2"]],
  ["a name with quotes", 'Service.Meta["version"] == "1"', ["1"]],
];

export const filterScripts: ConsulScripts = {
  ...Object.fromEntries(
    cases.map(([what, filter, expected]): [string, ConsulScripts[string]] => [
      `filters by ${what}`,
      async (session) => expect(await left(session, await twoVersions(session), filter)).toEqual(expected),
    ]),
  ),
  "filters the agent's services, and its checks": async (session) => {
    const name = await twoVersions(session);
    const services = await session.get(
      `/v1/agent/services?filter=${encodeURIComponent(`Service == "${name}" and Meta.version == "1"`)}`,
    );
    expect(Object.keys(services.json as object)).toEqual([`${name}-1`]);
    const checks = await session.get(
      `/v1/agent/checks?filter=${encodeURIComponent(`ServiceName == "${name}" and Status == "warning"`)}`,
    );
    expect(Object.keys(checks.json as object)).toEqual([`service:${name}-2`]);
  },
  "filters the catalog": async (session) => {
    const name = await twoVersions(session);
    const { json } = await session.get(
      `/v1/catalog/service/${name}?filter=${encodeURIComponent('ServiceMeta.version == "2"')}`,
    );
    expect((json as { ServiceID: string }[]).map(({ ServiceID }) => ServiceID)).toEqual([`${name}-2`]);
  },
  "filters the services of a node": async (session) => {
    const name = await twoVersions(session);
    const [node] = (await session.get("/v1/catalog/nodes")).json as { Node: string }[];
    const filtered = async (filter: string) => {
      const { json } = await session.get(`/v1/catalog/node/${node?.Node}?filter=${encodeURIComponent(filter)}`);
      return json as { Node: { Node: string }; Services: object };
    };
    const found = await filtered(`Service == "${name}" and Meta.version == "2"`);
    expect([found.Node.Node, Object.keys(found.Services)]).toEqual([node?.Node, [`${name}-2`]]);
    // The node is not what is filtered.
    expect(await filtered("Service == nothing")).toMatchObject({ Node: { Node: node?.Node }, Services: {} });
    expect(Object.keys((await filtered("Service == nothing")).Services)).toEqual([]);
  },
  "refuses an expression that cannot be read, and one that asks for what there is not": async (session) => {
    const name = session.name();
    for (const filter of [
      "Service.Port ==",
      "(Service.Port == 1",
      "Service.Port equals 1",
      "Nonsense == 1",
      'Service.ID matches "("',
      "Service.ID matches `(?!x)`",
      'Service.ID matches "\\-1"',
    ])
      await refuses(session, `/v1/health/service/${name}`, filter);
  },
  "refuses what cannot be read wherever it filters, also while there is nothing to filter": async (session) => {
    for (const path of [
      `/v1/health/checks/${session.name()}`,
      "/v1/health/state/any",
      "/v1/health/node/nowhere",
      "/v1/catalog/nodes",
      "/v1/catalog/node/nowhere",
      `/v1/catalog/service/${session.name()}`,
      "/v1/agent/services",
    ])
      await refuses(session, path, "Nonsense == 1");
  },
  "refuses at once, however long it was to wait": async (session) => {
    const Name = session.name();
    await session.register({ Name });
    const { index } = await session.get(`/v1/health/service/${Name}`);
    const began = performance.now();
    await refuses(session, `/v1/health/service/${Name}?index=${index}&wait=15s`, "Nonsense == 1");
    expect(performance.now() - began).toBeLessThan(10_000);
  },
};

/** A mistake of the caller, which Consul answers with 500 all the same: its servers find it, not its HTTP API. */
async function refuses(session: ConsulSession, path: string, filter: string): Promise<void> {
  const and = path.includes("?") ? "&" : "?";
  const { status, text } = await session.get(`${path}${and}filter=${encodeURIComponent(filter)}`);
  expect([path, filter, status, text]).toEqual([
    path,
    filter,
    500,
    expect.stringContaining("Failed to create boolean expression evaluator: "),
  ]);
}
