import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { absolute, filesLike } from "../repository.ts";
import { type CollectedTest, collectedTests } from "./collector.ts";

// Conformance suites are about the servers, not about the surfaces of services.
const suites = () =>
  filesLike("{tests/mesh,services/*}/src/**/*.mesh.test.ts").filter(
    (file) => !file.startsWith("tests/mesh/src/conformance/"),
  );

/** A test with the path of its file from the root of the repository. */
export type SuiteTest = CollectedTest & { file: string };

/** Every mesh test with its titles and its source, as jest would find them; none of them runs. */
export async function collectTests(): Promise<SuiteTest[]> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@jest/globals"
        ? { url: new URL("./collector.ts", import.meta.url).href, shortCircuit: true }
        : next(specifier, context),
  });
  try {
    for (const suite of suites()) await import(pathToFileURL(absolute(suite)).href);
  } finally {
    hooks.deregister();
  }
  const root = absolute("");
  return collectedTests.map((test) => ({ ...test, file: fileURLToPath(test.module).slice(root.length) }));
}
