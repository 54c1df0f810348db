import { expect } from "@jest/globals";
import { closed, given, type RegistryScripts } from "./schema-registry-session.ts";

/** The envelope of an event, as this repository registers it. */
const envelope = (data: Record<string, unknown>, required: string[]) =>
  closed(
    {
      eventId: { type: "string" },
      eventType: { const: "SomethingHappened" },
      version: { type: "string", pattern: "^1\\.\\d+$" },
      timestamp: { type: "string" },
      source: { type: "string" },
      data: closed(data, { required }),
    },
    { required: ["eventId", "eventType", "version", "timestamp", "source", "data"] },
  );
const text = { type: "string" };
const base = envelope({ orderId: text, amount: { type: "integer", minimum: 0 }, state: { enum: ["open", "paid"] } }, [
  "orderId",
]);
const dataOf = (more: Record<string, unknown>, required = ["orderId"]) =>
  envelope(
    { orderId: text, amount: { type: "integer", minimum: 0 }, state: { enum: ["open", "paid"] }, ...more },
    required,
  );

/** Changes to a closed envelope under BACKWARD, and whether the new schema reads the old data. */
const verdicts: [string, unknown, boolean][] = [
  ["an optional field is added", dataOf({ note: text }), true],
  ["a required field is added", dataOf({ note: text }, ["orderId", "note"]), false],
  ["an optional field becomes required", dataOf({}, ["orderId", "amount"]), false],
  ["a required field becomes optional", dataOf({}, []), true],
  ["a field is removed", envelope({ orderId: text }, ["orderId"]), false],
  ["a type is changed", dataOf({ orderId: { type: "number" } }), false],
  ["integer becomes number", dataOf({ amount: { type: "number", minimum: 0 } }), true],
  ["a minimum is raised", dataOf({ amount: { type: "integer", minimum: 1 } }), false],
  ["a minimum is removed", dataOf({ amount: { type: "integer" } }), true],
  ["a value is added to an enumeration", dataOf({ state: { enum: ["open", "paid", "late"] } }), true],
  ["a value is removed from an enumeration", dataOf({ state: { enum: ["open"] } }), false],
  ["a length is limited", dataOf({ orderId: { type: "string", maxLength: 9 } }), false],
  ["null becomes possible", dataOf({ orderId: { anyOf: [text, { type: "null" }] } }), true],
];

export const compatibilityScripts: RegistryScripts = {
  ...Object.fromEntries(
    verdicts.map(([change, after, isCompatible]): [string, RegistryScripts[string]] => [
      `${isCompatible ? "accepts" : "refuses"} under BACKWARD that ${change}`,
      async (session) => expect(await session.mayFollow("BACKWARD", base, after)).toBe(isCompatible),
    ]),
  ),
  "turns the verdict round under FORWARD": async (session) => {
    expect(await session.mayFollow("FORWARD", base, dataOf({ note: text }))).toBe(false);
    expect(await session.mayFollow("FORWARD", dataOf({ note: text }), base)).toBe(true);
  },
  "wants both under FULL": async (session) => {
    expect(await session.mayFollow("FULL", base, dataOf({ note: text }))).toBe(false);
    expect(await session.mayFollow("FULL", base, { ...base, title: "the same" })).toBe(true);
  },
  "takes everything under NONE": async (session) => {
    const subject = session.subject();
    await session.level(subject, "NONE");
    await session.id(subject, base);
    expect((await session.register(subject, { type: "array" })).status).toBe(200);
  },
  "refuses to register what is incompatible, with 409 and the reason": async (session) => {
    const subject = session.subject();
    await session.id(subject, base);
    const { status, body } = await session.register(subject, dataOf({ note: text }, ["orderId", "note"]));
    expect(status).toBe(409);
    expect([409, 40901]).toContain(body.error_code);
    expect(body.message).toContain(subject);
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
  },
  "compares with every version when transitive, with the last one otherwise": async (session) => {
    const [strict, loose] = [session.subject(), session.subject()];
    await session.level(strict, "BACKWARD_TRANSITIVE");
    for (const subject of [strict, loose]) {
      await session.id(subject, closed({ a: text }));
      await session.level(subject, "NONE");
      await session.id(subject, closed({ b: text }));
    }
    await session.level(strict, "BACKWARD_TRANSITIVE");
    await session.level(loose, "BACKWARD");
    const next = closed({ b: text, c: text });
    expect([(await session.register(strict, next)).status, (await session.register(loose, next)).status]).toEqual([
      409, 200,
    ]);
  },
  "tells why, where asked to": async (session) => {
    const subject = session.subject();
    await session.id(subject, base);
    const { body } = await session.request(
      "POST",
      `/compatibility/subjects/${subject}/versions/latest?verbose=true`,
      given(dataOf({ orderId: { type: "number" } })),
    );
    expect(body.is_compatible).toBe(false);
    expect(JSON.stringify(body.messages)).toContain("/properties/data/properties/orderId");
  },
  "says 40402 when asked about a version that does not exist": async (session) => {
    const subject = session.subject();
    await session.id(subject, base);
    const { status, body } = await session.request(
      "POST",
      `/compatibility/subjects/${subject}/versions/9`,
      given(base),
    );
    expect([status, body.error_code]).toEqual([404, 40402]);
  },
};
