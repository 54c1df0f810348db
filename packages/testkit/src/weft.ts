import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { hostPort } from "./infrastructure/host-port.ts";

/** What runs `pnpm dev` and `pnpm weft` without pnpm in between: the arguments of Node, before those of the command. */
export const weftProgram = [
  "--conditions=@weft/source",
  "--disable-warning=ExperimentalWarning",
  fileURLToPath(new URL("./main.ts", import.meta.resolve("@weft/cli/runtime"))),
];

/** Every port a free one, so that meshes and a developer's own `pnpm dev` live side by side. */
export const freePorts: NodeJS.ProcessEnv = Object.fromEntries(
  ["KAFKA", "CONSUL", "SCHEMA_REGISTRY", "POSTGRES", "GATEWAY", "CONSOLE"]
    .concat(
      ["CATALOG", "PRICING", "WAREHOUSE_INVENTORY", "PROMOTION", "SHIPPING", "CUSTOMER", "REVIEW"].flatMap((name) => [
        `${name}_HTTP`,
        `${name}_GRPC`,
      ]),
    )
    .map((name) => [`WEFT_${name}_PORT`, "0"]),
);

/** As {@link freePorts}, chosen here: meshes of two workers of jest that start at the same time do not choose the same ones. */
export async function ownPorts(): Promise<NodeJS.ProcessEnv> {
  const chosen = Object.keys(freePorts).map(async (name) => [name, String(await hostPort())]);
  return Object.fromEntries(await Promise.all(chosen));
}

/** Runs `weft <args>` in a process of its own, to its end. */
export async function runWeft(
  args: string[],
  options: { environment?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...weftProgram, ...args], {
    env: { ...process.env, NODE_OPTIONS: "", ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  child.stdin.on("error", () => {}); // it may end without reading
  child.stdin.end(options.input ?? "");
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...output };
}
