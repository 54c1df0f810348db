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
  "refuses an expression that cannot be read, and one that asks for what there is not": async (session) => {
    const name = session.name();
    for (const filter of ["Service.Port ==", "(Service.Port == 1", "Service.Port equals 1", "Nonsense == 1"]) {
      const { status } = await session.get(`/v1/health/service/${name}?filter=${encodeURIComponent(filter)}`);
      // Old agents say 500.
      expect([filter, status >= 400]).toEqual([filter, true]);
    }
  },
};
