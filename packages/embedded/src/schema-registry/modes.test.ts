import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Registry, registry } from "./registry.ts";
import { openStore, type Store } from "./store.ts";

/** The mode for all subjects: on a server that others use too, the conformance suite could not touch it. */
describe("modes for all subjects", () => {
  let path: string;
  let store: Store;
  let schemas: Registry;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "weft-modes-"));
    store = openStore(join(path, "schemas.log"));
    schemas = registry({ store });
  });
  afterEach(() => {
    store.close();
    rmSync(path, { recursive: true, force: true });
  });

  const register = (subject: string, more: { imported?: { id: number } } = {}) =>
    schemas.register(
      subject,
      { schemaType: "JSON", schema: JSON.stringify({ title: subject }), ...more },
      { normalize: false },
    );
  const refused = expect.objectContaining({ errorCode: 42205 });

  it("take nothing under READONLY, but where a subject has a mode of its own", () => {
    schemas.setMode(null, "READONLY", { force: false });
    schemas.setMode("own", "READWRITE", { force: false });
    expect(() => register("other")).toThrow(refused);
    expect(register("own").version).toBe(1);
  });

  it("take nothing under READONLY_OVERRIDE, whatever a subject says", () => {
    schemas.setMode("own", "READWRITE", { force: false });
    schemas.setMode(null, "READONLY_OVERRIDE", { force: false });
    expect(() => register("own")).toThrow(refused);
  });

  it("may be IMPORT only while there is nothing, or by force", () => {
    register("there");
    expect(() => schemas.setMode(null, "IMPORT", { force: false })).toThrow(refused);
    schemas.setMode(null, "IMPORT", { force: true });
    expect(register("come", { imported: { id: 77 } }).id).toBe(77);
  });

  it("give a new schema, not the old one, to an id that was deleted permanently and imported again", () => {
    schemas.setMode(null, "IMPORT", { force: false });
    register("first", { imported: { id: 5 } });
    schemas.deleteSubject("first", { permanent: false });
    schemas.deleteSubject("first", { permanent: true });
    expect(register("second", { imported: { id: 5 } }).schema.text).toBe('{"title":"second"}');
  });
});
