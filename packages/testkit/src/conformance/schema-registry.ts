import { afterAll, beforeAll, describe } from "@jest/globals";
import { changeScripts } from "./schema-registry-changes.ts";
import { compatibilityScripts } from "./schema-registry-compatibility.ts";
import { deletionScripts, modeScripts, referenceScripts } from "./schema-registry-life.ts";
import { queryScripts } from "./schema-registry-queries.ts";
import { RegistrySession } from "./schema-registry-session.ts";
import { subjectScripts } from "./schema-registry-subjects.ts";
import { type Deviations, scriptRunner } from "./scripts.ts";

/** A registry to talk to, with nothing in it that matters and the level BACKWARD for everything. */
export interface SchemaRegistryUnderTest {
  /** Where the Confluent API begins, without a slash at the end. */
  url: string;
  stop(): Promise<void>;
}

/** What a Schema Registry answers for JSON Schema, as scripts that are the same for every implementation. Each has subjects of its own. */
export function schemaRegistryConformance(
  name: string,
  start: () => Promise<SchemaRegistryUnderTest>,
  deviations: Deviations = {},
): void {
  describe(`Schema Registry API: ${name}`, () => {
    let registry: SchemaRegistryUnderTest | undefined;

    beforeAll(async () => {
      registry = await start();
    }, 60_000);
    afterAll(async () => {
      await registry?.stop();
    });

    const { run, end } = scriptRunner<RegistrySession>(deviations, (script) =>
      script(new RegistrySession(registry?.url ?? "")),
    );
    run("subjects and schemas", subjectScripts);
    run("compatibility", compatibilityScripts);
    run("changes of a schema", changeScripts);
    run("references", referenceScripts);
    run("deletion and lists", deletionScripts);
    run("queries", queryScripts);
    run("modes", modeScripts);
    end();
  });
}
