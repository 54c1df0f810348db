import { within, withoutCredentials } from "@weft/core";
import { tellFailure } from "../failure.ts";
import { stateDirectory } from "../layout.ts";
import { checkStart } from "./check-start.ts";
import { checkEngine } from "./docker/engine.ts";
import type { Mesh } from "./mesh.ts";
import type { DevOptions } from "./options.ts";
import { createOutput, type Output } from "./output.ts";
import type { ServicePart } from "./parts.ts";
import { refuseOtherPlatforms } from "./platform.ts";
import { takeStateDirectory } from "./state-directory.ts";

/** One Ctrl-C arrives several times: from the terminal, and again from each program in between that forwards it. */
const sameSignalMs = 1_000;
/** How long a start that did not come to its end may take to notice, once its parts are stopped. */
const unfinishedMs = 2_000;

/**
 * The main job: take the state directory, bring the mesh up, tell where everything is, follow its logs until a signal, and
 * take it down in the reverse order, whatever happened on the way.
 */
export async function dev(options: DevOptions, parts: ServicePart[]): Promise<void> {
  refuseOtherPlatforms();
  checkStart(options, parts, process.env);
  const output = createOutput({ json: options.json, color: process.stdout.isTTY === true && !process.env.NO_COLOR });
  const begun = performance.now();
  const stack = new AsyncDisposableStack();
  const signal = firstSignal(output, options.infra);
  const up = (async () => {
    // Before `--fresh` forgets anything, the embedded servers' data included.
    if (options.infra === "docker") await checkEngine();
    const state = await takeStateDirectory(stateDirectory, { fresh: options.fresh, say: output.say });
    stack.defer(() => state.release());
    // Only now: a start that is refused needs no client of any server.
    const { startMesh } = await import("./mesh.ts");
    return startMesh({ output, state, stack }, options, parts);
  })();
  let mesh: Mesh | undefined;
  try {
    mesh = await Promise.race([up, signal]);
    if (mesh) {
      showAddresses(output, mesh, performance.now() - begun);
      output.phase("running");
      await signal;
    }
    output.say("stopping");
    output.phase("stopping");
  } catch (error) {
    // The cause first: what the parts say while they are stopped only follows from it.
    process.exitCode = tellFailure(error);
  } finally {
    await stack.disposeAsync();
    if (process.connected) process.disconnect();
    if (mesh === undefined) await endUnfinished(up);
  }
}

/**
 * A start that a signal cut short fails because its parts were stopped under it, and that is no news. Or it still asks servers
 * that are gone, as clients do that try again and again: nobody waits for that.
 */
async function endUnfinished(up: Promise<Mesh>): Promise<void> {
  await within(
    unfinishedMs,
    up.catch(() => {}),
    () => {},
  );
  process.exit();
}

/** Ctrl-C, SIGTERM, or the end of whoever started this with a channel. The second signal does not wait. */
function firstSignal(output: Output, infra: DevOptions["infra"]): Promise<undefined> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = () => {
      firstAt ??= performance.now();
      if (performance.now() - firstAt > sameSignalMs) {
        const containers = infra === "docker" ? ", but containers stay until the next `pnpm dev --infra docker`" : "";
        output.fail(`stopped at once; what is left ends by itself${containers}`);
        process.exit(1);
      }
      resolve(undefined);
    };
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
    process.on("disconnect", () => resolve(undefined));
    // Whoever read the output is gone (`pnpm dev | head`): the same as Ctrl-C.
    process.stdout.on("error", () => resolve(undefined));
  });
}

function showAddresses(output: Output, { runtime, moved }: Mesh, ms: number): void {
  const note = (name: string) => (moved.has(name) ? `port ${moved.get(name)} was taken` : "");
  const serverUrls: [string, string][] = [
    ["kafka", runtime.kafka.brokers.join(",")],
    ["consul", runtime.consul.url],
    ["schema-registry", runtime.schemaRegistry.url],
    ["postgres", runtime.postgres.url],
  ];
  output.table([
    ...(runtime.console.url ? [["overview", runtime.console.url, note("console")] as [string, string, string]] : []),
    ...runtime.services.map(({ name, http, grpc }): [string, string, string] => [
      name,
      grpc ? `${http}  grpc ${grpc}` : http,
      note(name),
    ]),
    ...serverUrls.map(([name, url]): [string, string, string] => [name, withoutCredentials(url), note(name)]),
  ]);
  output.say(
    `Everything is up after ${(ms / 1000).toFixed(1)} s. Addresses and tokens: .weft/runtime.json. Try \`npx -y pnpm weft events tail\`; Ctrl-C stops everything.\n`,
  );
}
