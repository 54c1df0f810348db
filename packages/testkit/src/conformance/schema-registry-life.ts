import { expect } from "@jest/globals";
import {
  closed,
  given,
  type RegistryAnswer,
  type RegistryScripts,
  type RegistrySession,
} from "./schema-registry-session.ts";

const codeOf = ({ status, body }: RegistryAnswer) => [status, body.error_code];

/** Two subjects of which the second one's schema refers to the first one's; their names, and the id of the second. */
async function referring(session: RegistrySession) {
  const [address, person] = [session.subject(), session.subject()];
  await session.id(address, session.unique());
  const references = [{ name: `${address}.json`, subject: address, version: 1 }];
  const schema = session.unique({ home: { $ref: `${address}.json` } });
  const { status, body } = await session.request("POST", `/subjects/${person}/versions`, {
    ...given(schema),
    references,
  });
  expect(status).toBe(200);
  return { address, person, id: body.id as number, references, schema };
}

export const referenceScripts: RegistryScripts = {
  "refuses a reference to what does not exist with 42201": async (session) => {
    const references = [{ name: "nobody.json", subject: session.subject(), version: 1 }];
    const schema = session.unique({ home: { $ref: "nobody.json" } });
    const answer = await session.request("POST", `/subjects/${session.subject()}/versions`, {
      ...given(schema),
      references,
    });
    expect(codeOf(answer)).toEqual([422, 42201]);
  },
  "follows a reference through a reference": async (session) => {
    const { person } = await referring(session);
    const references = [{ name: `${person}.json`, subject: person, version: 1 }];
    const schema = session.unique({ owner: { $ref: `${person}.json` } });
    const answer = await session.request("POST", `/subjects/${session.subject()}/versions`, {
      ...given(schema),
      references,
    });
    expect(answer.status).toBe(200);
  },
  "tells which schemas refer to a version": async (session) => {
    const { address, id } = await referring(session);
    expect((await session.get(`/subjects/${address}/versions/1/referencedby`)).body).toEqual([id]);
  },
  "refuses to delete what another schema refers to with 42206": async (session) => {
    const { address } = await referring(session);
    expect(codeOf(await session.request("DELETE", `/subjects/${address}/versions/1`))).toEqual([422, 42206]);
    expect(codeOf(await session.request("DELETE", `/subjects/${address}`))).toEqual([422, 42206]);
  },
  "deletes it once the schema that refers to it is gone": async (session) => {
    const { address, person } = await referring(session);
    expect((await session.request("DELETE", `/subjects/${person}`)).body).toEqual([1]);
    expect((await session.request("DELETE", `/subjects/${address}`)).body).toEqual([1]);
  },
  "takes the same text with another reference for another schema": async (session) => {
    const { address, person, id, schema } = await referring(session);
    await session.level(address, "NONE");
    await session.id(address, session.unique());
    await session.level(person, "NONE");
    const references = [{ name: `${address}.json`, subject: address, version: 2 }];
    const { body } = await session.request("POST", `/subjects/${person}/versions`, { ...given(schema), references });
    expect(body.id).not.toBe(id);
  },
};

export const deletionScripts: RegistryScripts = {
  "wants a soft deletion before a permanent one: 40405": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    expect(codeOf(await session.request("DELETE", `/subjects/${subject}?permanent=true`))).toEqual([404, 40405]);
  },
  "wants a soft deletion of a version before a permanent one: 40407": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    expect(codeOf(await session.request("DELETE", `/subjects/${subject}/versions/1?permanent=true`))).toEqual([
      404, 40407,
    ]);
  },
  "says 40404 to a second soft deletion": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    await session.request("DELETE", `/subjects/${subject}`);
    expect(codeOf(await session.request("DELETE", `/subjects/${subject}`))).toEqual([404, 40404]);
  },
  "says 40406 to a second soft deletion of a version": async (session) => {
    const subject = session.subject();
    const first = session.unique();
    await session.id(subject, first);
    await session.id(subject, closed({ ...first.properties, b: { type: "string" } }));
    await session.request("DELETE", `/subjects/${subject}/versions/1`);
    expect(codeOf(await session.request("DELETE", `/subjects/${subject}/versions/1`))).toEqual([404, 40406]);
  },
  "lists what was deleted softly, where asked to": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    await session.request("DELETE", `/subjects/${subject}`);
    expect((await session.get("/subjects?deleted=true")).body).toContain(subject);
    expect((await session.get(`/subjects/${subject}/versions?deleted=true`)).body).toEqual([1]);
    expect((await session.get(`/subjects/${subject}/versions/1?deleted=true`)).body).toMatchObject({ version: 1 });
  },
  "forgets a subject that is deleted permanently, and counts from 1 again": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    await session.request("DELETE", `/subjects/${subject}`);
    expect((await session.request("DELETE", `/subjects/${subject}?permanent=true`)).body).toEqual([1]);
    expect((await session.get("/subjects?deleted=true")).body).not.toContain(subject);
    await session.id(subject, session.unique());
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
  },
  "gives a level back to the one for all": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    await session.level(subject, "NONE");
    expect((await session.request("DELETE", `/config/${subject}`)).status).toBe(200);
    expect((await session.get(`/config/${subject}?defaultToGlobal=true`)).body).toMatchObject({
      compatibilityLevel: "BACKWARD",
    });
  },
  "lists subjects by their beginning, page by page": async (session) => {
    const subjects = [session.subject(), session.subject(), session.subject()];
    for (const subject of subjects) await session.id(subject, session.unique());
    const prefix = subjects[0]!.replace(/-\d+$/, "-");
    expect((await session.get(`/subjects?subjectPrefix=${prefix}`)).body).toEqual(subjects);
    expect((await session.get(`/subjects?subjectPrefix=${prefix}&offset=1&limit=1`)).body).toEqual([subjects[1]]);
  },
};

const mode = (session: RegistrySession, subject: string, name: string, query = "") =>
  session.request("PUT", `/mode/${subject}${query}`, { mode: name });

/** Registers as another registry's, with an id that nothing else has. @returns that id */
async function importing(
  session: RegistrySession,
  subject: string,
  { schema, version }: { schema: unknown; version: number },
) {
  const id = 1_000_000_000 + Math.floor(Math.random() * 1_000_000_000);
  const { status, body } = await session.request("POST", `/subjects/${subject}/versions`, {
    ...given(schema),
    id,
    version,
  });
  expect([status, body]).toEqual([200, { id }]);
  return id;
}

/** Modes of subjects: that of all of them would disturb the other scripts. */
export const modeScripts: RegistryScripts = {
  "says 40409 where a subject has no mode of its own": async (session) => {
    expect(codeOf(await session.get(`/mode/${session.subject()}`))).toEqual([404, 40409]);
  },
  "refuses a mode that is none with 42204": async (session) => {
    expect(codeOf(await mode(session, session.subject(), "SIDEWAYS"))).toEqual([422, 42204]);
  },
  "takes nothing under READONLY: 42205": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    await session.id(subject, schema);
    expect((await mode(session, subject, "READONLY")).body).toEqual({ mode: "READONLY" });
    expect(codeOf(await session.register(subject, session.unique()))).toEqual([422, 42205]);
    expect(codeOf(await session.request("DELETE", `/subjects/${subject}`))).toEqual([422, 42205]);
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
    await session.request("DELETE", `/mode/${subject}`);
    expect((await session.request("DELETE", `/subjects/${subject}`)).status).toBe(200);
  },
  "takes ids and versions of another registry under IMPORT": async (session) => {
    const subject = session.subject();
    expect((await mode(session, subject, "IMPORT")).status).toBe(200);
    const schema = session.unique();
    const id = await importing(session, subject, { schema, version: 7 });
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([7]);
    expect((await session.get(`/schemas/ids/${id}`)).body).toMatchObject({ schema: JSON.stringify(schema) });
  },
  "has imported versions by their number, and counts on from the highest": async (session) => {
    const subject = session.subject();
    const [third, first] = [session.unique(), session.unique()];
    await mode(session, subject, "IMPORT");
    await importing(session, subject, { schema: third, version: 3 });
    await importing(session, subject, { schema: first, version: 1 });
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1, 3]);
    expect((await session.get(`/subjects/${subject}/versions/latest`)).body).toMatchObject({ version: 3 });
    await mode(session, subject, "READWRITE");
    await session.level(subject, "NONE");
    await session.id(subject, session.unique());
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1, 3, 4]);
  },
  "finds what was imported under each of its subjects, with the id that it has there": async (session) => {
    const [one, other] = [session.subject(), session.subject()];
    const schema = session.unique();
    for (const subject of [one, other]) await mode(session, subject, "IMPORT");
    const id = await importing(session, one, { schema, version: 1 });
    const otherId = await importing(session, other, { schema, version: 1 });
    const lookup = async (subject: string) =>
      (await session.request("POST", `/subjects/${subject}`, given(schema))).body;
    expect(await lookup(one)).toMatchObject({ id, version: 1 });
    expect(await lookup(other)).toMatchObject({ id: otherId, version: 1 });
    for (const subject of [one, other]) await mode(session, subject, "READWRITE");
    expect([await session.id(one, schema), await session.id(other, schema)]).toEqual([id, otherId]);
    expect((await session.get(`/subjects/${one}/versions`)).body).toEqual([1]);
  },
  "takes no schema without an id under IMPORT, and none with one otherwise: 42205": async (session) => {
    const [imported, usual] = [session.subject(), session.subject()];
    await mode(session, imported, "IMPORT");
    expect(codeOf(await session.register(imported, session.unique()))).toEqual([422, 42205]);
    const withId = { ...given(session.unique()), id: 1_999_999_999, version: 1 };
    expect(codeOf(await session.request("POST", `/subjects/${usual}/versions`, withId))).toEqual([422, 42205]);
  },
  "wants a subject to be empty before IMPORT, unless it is forced": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    expect(codeOf(await mode(session, subject, "IMPORT"))).toEqual([422, 42205]);
    expect((await mode(session, subject, "IMPORT", "?force=true")).status).toBe(200);
  },
};
