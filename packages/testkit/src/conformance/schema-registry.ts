import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { compatibilityScripts } from "./schema-registry-compatibility.ts";
import { type RegistryScripts, RegistrySession } from "./schema-registry-session.ts";
import { subjectScripts } from "./schema-registry-subjects.ts";

/** A registry to talk to, with nothing in it that matters and the level BACKWARD for everything. */
export interface SchemaRegistryUnderTest {
  /** Where the Confluent API begins, without a slash at the end. */
  url: string;
  stop(): Promise<void>;
}

/** What a Schema Registry answers for JSON Schema, as scripts that are the same for every implementation. Each has subjects of its own. */
export function schemaRegistryConformance(name: string, start: () => Promise<SchemaRegistryUnderTest>): void {
  describe(`Schema Registry API: ${name}`, () => {
    let registry: SchemaRegistryUnderTest | undefined;

    beforeAll(async () => {
      registry = await start();
    }, 60_000);
    afterAll(async () => {
      await registry?.stop();
    });

    const run = (part: string, scripts: RegistryScripts) =>
      describe(part, () => {
        for (const [sentence, script] of Object.entries(scripts))
          it(sentence, async () => {
            await script(new RegistrySession(registry?.url ?? ""));
          });
      });

    run("subjects and schemas", subjectScripts);
    run("compatibility", compatibilityScripts);
  });
}
