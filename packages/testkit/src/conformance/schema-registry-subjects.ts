import { expect } from "@jest/globals";
import { closed, given, type RegistryScripts } from "./schema-registry-session.ts";

export const subjectScripts: RegistryScripts = {
  "gives a schema an id, and the schema back by that id": async (session) => {
    const schema = session.unique();
    const id = await session.id(session.subject(), schema);
    const { status, contentType, body } = await session.get(`/schemas/ids/${id}`);
    expect(status).toBe(200);
    expect(contentType).toMatch(/json/);
    expect([body.schemaType, JSON.parse(String(body.schema))]).toEqual(["JSON", schema]);
  },
  "registers the same schema once": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    expect(await session.id(subject, schema)).toBe(await session.id(subject, schema));
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
  },
  "gives the same schema the same id under every subject": async (session) => {
    const schema = session.unique();
    expect(await session.id(session.subject(), schema)).toBe(await session.id(session.subject(), schema));
  },
  "does not mind spaces": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    expect(await session.id(subject, schema)).toBe(await session.id(subject, JSON.stringify(schema, null, 2)));
  },
  "gives one id to many who register at once": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    const ids = await Promise.all(Array.from({ length: 50 }, () => session.id(subject, schema)));
    expect(new Set(ids).size).toBe(1);
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
  },
  "counts versions from 1 and gives each new schema a larger id": async (session) => {
    const subject = session.subject();
    const mark = session.unique();
    const first = await session.id(subject, mark);
    const second = await session.id(subject, closed({ ...mark.properties, b: { type: "string" } }));
    expect(second).toBeGreaterThan(first);
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([1, 2]);
    expect((await session.get(`/subjects/${subject}/versions/latest`)).body).toMatchObject({
      subject,
      version: 2,
      id: second,
    });
    expect((await session.get(`/subjects/${subject}/versions/1`)).body).toMatchObject({ version: 1, id: first });
  },
  "lists subjects": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    expect((await session.get("/subjects")).body).toContain(subject);
  },
  "looks a schema up under a subject": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    const id = await session.id(subject, schema);
    expect((await session.request("POST", `/subjects/${subject}`, given(schema))).body).toMatchObject({
      subject,
      id,
      version: 1,
    });
  },
  "says 40403 for a schema that the subject does not have": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    const { status, body } = await session.request("POST", `/subjects/${subject}`, given(session.unique()));
    expect([status, body.error_code]).toEqual([404, 40403]);
  },
  "says 40401 for a subject that does not exist": async (session) => {
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/1"],
      ["GET", "/latest"],
    ] as const) {
      const { status, body } = await session.request(method, `/subjects/${session.subject()}/versions${path}`);
      expect([status, body.error_code]).toEqual([404, 40401]);
    }
    const lookup = await session.request("POST", `/subjects/${session.subject()}`, given(session.unique()));
    expect([lookup.status, lookup.body.error_code]).toEqual([404, 40401]);
  },
  "says 40402 for a version that does not exist": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    const { status, body } = await session.get(`/subjects/${subject}/versions/9`);
    expect([status, body.error_code]).toEqual([404, 40402]);
  },
  "says 42202 for a version that is none": async (session) => {
    const subject = session.subject();
    await session.id(subject, session.unique());
    const { status, body } = await session.get(`/subjects/${subject}/versions/newest`);
    expect([status, body.error_code]).toEqual([422, 42202]);
  },
  "says 40403 for an id that does not exist": async (session) => {
    const { status, body } = await session.get("/schemas/ids/2000000000");
    expect([status, body.error_code]).toEqual([404, 40403]);
  },
  "refuses what is no JSON Schema with 42201": async (session) => {
    for (const schema of ['{"type":"nonsense"}', "{not json", ""]) {
      const { status, body } = await session.register(session.subject(), schema);
      expect([schema, status, body.error_code]).toEqual([schema, 422, 42201]);
    }
  },
  "tells which subjects and versions use an id": async (session) => {
    const schema = session.unique();
    const subjects = [session.subject(), session.subject()];
    const [id] = [await session.id(subjects[0]!, schema), await session.id(subjects[1]!, schema)];
    const uses = (await session.get(`/schemas/ids/${id}/versions`)).body as unknown as {
      subject: string;
      version: number;
    }[];
    expect(uses.map(({ subject }) => subject).sort()).toEqual(subjects.sort());
  },
  "knows the type JSON": async (session) => {
    expect((await session.get("/schemas/types")).body).toContain("JSON");
  },
  "deletes a subject softly: gone from lists, its ids still readable": async (session) => {
    const subject = session.subject();
    const id = await session.id(subject, session.unique());
    expect((await session.request("DELETE", `/subjects/${subject}`)).body).toEqual([1]);
    expect((await session.get("/subjects")).body).not.toContain(subject);
    expect((await session.get(`/subjects/${subject}/versions`)).body.error_code).toBe(40401);
    expect((await session.get(`/schemas/ids/${id}`)).status).toBe(200);
  },
  "goes on counting versions after a soft deletion": async (session) => {
    const subject = session.subject();
    const schema = session.unique();
    const id = await session.id(subject, schema);
    await session.request("DELETE", `/subjects/${subject}`);
    expect(await session.id(subject, schema)).toBe(id);
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([2]);
  },
  "deletes one version": async (session) => {
    const subject = session.subject();
    const mark = session.unique();
    await session.id(subject, mark);
    await session.id(subject, closed({ ...mark.properties, b: { type: "string" } }));
    expect((await session.request("DELETE", `/subjects/${subject}/versions/1`)).body).toBe(1);
    expect((await session.get(`/subjects/${subject}/versions`)).body).toEqual([2]);
  },
  "refuses to delete what is not there": async (session) => {
    const { status, body } = await session.request("DELETE", `/subjects/${session.subject()}`);
    expect([status, body.error_code]).toEqual([404, 40401]);
  },
  "reads and sets the level of a subject": async (session) => {
    const subject = session.subject();
    const before = await session.get(`/config/${subject}`);
    expect([before.status, before.body.error_code]).toEqual([404, 40408]);
    expect((await session.level(subject, "BACKWARD_TRANSITIVE")).body).toEqual({
      compatibility: "BACKWARD_TRANSITIVE",
    });
    expect((await session.get(`/config/${subject}`)).body).toMatchObject({ compatibilityLevel: "BACKWARD_TRANSITIVE" });
    expect((await session.get("/config")).body).toMatchObject({ compatibilityLevel: "BACKWARD" });
  },
  "refuses a level that is none with 42203": async (session) => {
    const { status, body } = await session.level(session.subject(), "SIDEWAYS");
    expect([status, body.error_code]).toEqual([422, 42203]);
  },
  "is in mode READWRITE": async (session) => {
    expect((await session.get("/mode")).body).toMatchObject({ mode: "READWRITE" });
  },
  "keeps a reference to another subject's schema": async (session) => {
    const [address, person] = [session.subject(), session.subject()];
    await session.id(address, session.unique());
    const schema = JSON.stringify(session.unique({ home: { $ref: "address.json" } }));
    const references = [{ name: "address.json", subject: address, version: 1 }];
    const { status, body } = await session.request("POST", `/subjects/${person}/versions`, {
      schemaType: "JSON",
      schema,
      references,
    });
    expect(status).toBe(200);
    expect((await session.get(`/schemas/ids/${body.id}`)).body).toMatchObject({ references });
  },
};
