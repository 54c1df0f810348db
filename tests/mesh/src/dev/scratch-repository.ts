import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
const folders = ["packages", "services", "schemas", "tools"];

/** A copy of the sources that a test may break, with the dependencies of this one. */
export interface ScratchRepository {
  path: string;
  main: string;
  remove(): void;
}

export function scratchRepository(): ScratchRepository {
  const path = mkdtempSync(join(tmpdir(), "weft-scratch-"));
  for (const folder of folders) {
    // Links stay links: between packages they are relative, and so point into the copy.
    cpSync(join(repository, folder), join(path, folder), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !["dist", ".turbo", "coverage"].includes(basename(source)),
    });
  }
  mkdirSync(join(path, "node_modules"));
  for (const name of readdirSync(join(repository, "node_modules"))) {
    symlinkSync(join(repository, "node_modules", name), join(path, "node_modules", name));
  }
  for (const file of ["package.json", "tsconfig.base.json"]) cpSync(join(repository, file), join(path, file));
  return {
    path,
    main: join(path, "tools/cli/src/main.ts"),
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}
