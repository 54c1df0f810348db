import { expect } from "@jest/globals";
import { closed, given, type RegistryScripts, type RegistrySession } from "./schema-registry-session.ts";

const text = { type: "string" };

/** A subject with two versions, of which the second does not follow the first. */
async function broken(session: RegistrySession) {
  const subject = session.subject();
  await session.level(subject, "NONE");
  const second = session.unique();
  await session.id(subject, session.unique());
  await session.id(subject, second);
  return { subject, second };
}

/** A subject with two versions, of which the second follows the first, and a level of its own. */
async function grown(session: RegistrySession) {
  const subject = session.subject();
  await session.level(subject, "BACKWARD");
  const first = session.unique();
  const second = closed({ ...first.properties, b: text });
  const ids = [await session.id(subject, first), await session.id(subject, second)];
  return { subject, first, ids };
}

export const queryScripts: RegistryScripts = {
  "compares with the version that is asked about, or with all of them": async (session) => {
    const { subject, second } = await broken(session);
    await session.level(subject, "BACKWARD_TRANSITIVE");
    const next = closed({ ...second.properties, c: text });
    const verdict = async (version: string) =>
      (await session.request("POST", `/compatibility/subjects/${subject}/versions${version}`, given(next))).body
        .is_compatible;
    expect([await verdict("/latest"), await verdict("/2"), await verdict("/1"), await verdict("")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  },
  "tells the subjects that use an id, those deleted softly where asked to": async (session) => {
    const [kept, gone] = [session.subject(), session.subject()];
    const schema = session.unique();
    const id = await session.id(kept, schema);
    await session.id(gone, schema);
    await session.request("DELETE", `/subjects/${gone}`);
    expect((await session.get(`/schemas/ids/${id}/subjects`)).body).toEqual([kept]);
    const all = (await session.get(`/schemas/ids/${id}/subjects?deleted=true`)).body as unknown as string[];
    expect([...all].sort()).toEqual([kept, gone].sort());
  },
  "gives a schema alone, by its id and by its version": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    const id = await session.id(subject, schema);
    expect((await session.get(`/schemas/ids/${id}/schema`)).body).toEqual(schema);
    expect((await session.get(`/subjects/${subject}/versions/1/schema`)).body).toEqual(schema);
  },
  "looks up what was deleted softly, where asked to": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    const id = await session.id(subject, schema);
    await session.request("DELETE", `/subjects/${subject}`);
    expect((await session.request("POST", `/subjects/${subject}`, given(schema))).body.error_code).toBe(40401);
    expect((await session.request("POST", `/subjects/${subject}?deleted=true`, given(schema))).body).toMatchObject({
      id,
    });
  },
  "takes another order of keys for the same schema when it normalizes": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    const turned = Object.fromEntries(Object.entries(schema).reverse());
    const path = `/subjects/${subject}/versions?normalize=true`;
    const first = await session.request("POST", path, given(schema));
    const second = await session.request("POST", path, given(turned));
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
  },
  "lists schemas by the beginning of their subject, only the latest where asked to": async (session) => {
    const { subject, ids } = await grown(session);
    const idsOf = async (query: string) =>
      ((await session.get(`/schemas?subjectPrefix=${subject}${query}`)).body as unknown as { id: number }[]).map(
        ({ id }) => id,
      );
    expect(await idsOf("")).toEqual(ids);
    expect(await idsOf("&latestOnly=true")).toEqual(ids.slice(1));
    expect(await idsOf("&offset=1&limit=1")).toEqual(ids.slice(1));
  },
  "deletes the latest version that is still there": async (session) => {
    const { subject } = await grown(session);
    expect((await session.request("DELETE", `/subjects/${subject}/versions/latest`)).body).toBe(2);
    expect((await session.request("DELETE", `/subjects/${subject}/versions/latest`)).body).toBe(1);
  },
  "forgets an id with the last version that is deleted permanently": async (session) => {
    const { subject, first, ids } = await grown(session);
    const other = session.subject();
    await session.id(other, first);
    await session.request("DELETE", `/subjects/${subject}`);
    await session.request("DELETE", `/subjects/${subject}?permanent=true`);
    const [shared, own] = [await session.get(`/schemas/ids/${ids[0]}`), await session.get(`/schemas/ids/${ids[1]}`)];
    expect([shared.status, own.status, own.body.error_code]).toEqual([200, 404, 40403]);
  },
  "gives what was deleted permanently another id when it comes again": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    const before = await session.id(subject, schema);
    await session.request("DELETE", `/subjects/${subject}`);
    await session.request("DELETE", `/subjects/${subject}?permanent=true`);
    expect(await session.id(subject, schema)).toBeGreaterThan(before);
  },
  "deletes a version permanently, and the level with the last one": async (session) => {
    const { subject } = await grown(session);
    for (const version of [1, 2]) {
      await session.request("DELETE", `/subjects/${subject}/versions/${version}`);
      expect((await session.request("DELETE", `/subjects/${subject}/versions/${version}?permanent=true`)).body).toBe(
        version,
      );
    }
    expect((await session.get(`/subjects/${subject}/versions?deleted=true`)).body.error_code).toBe(40401);
    expect((await session.get(`/config/${subject}`)).status).toBe(404);
  },
  "says 40401 where a level is to be taken from a subject that has none": async (session) => {
    const { status, body } = await session.request("DELETE", `/config/${session.subject()}`);
    expect([status, body.error_code]).toEqual([404, 40401]);
  },
  "gives a mode back to the one for all": async (session) => {
    const subject = session.subject();
    await session.request("PUT", `/mode/${subject}`, { mode: "READONLY" });
    expect((await session.get(`/mode/${subject}?defaultToGlobal=true`)).body).toEqual({ mode: "READONLY" });
    expect((await session.request("DELETE", `/mode/${subject}`)).body).toEqual({ mode: "READONLY" });
    expect((await session.get(`/mode/${subject}?defaultToGlobal=true`)).body).toEqual({ mode: "READWRITE" });
  },
};
