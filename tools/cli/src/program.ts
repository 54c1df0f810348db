import { Command, CommanderError } from "commander";
import { devCommand } from "./dev/options.ts";
import { serviceParts } from "./dev/parts.ts";
import { tellFailure } from "./failure.ts";

/**
 * `pnpm dev` and `pnpm weft`. Exit codes: 0 done, 1 failed, 2 wrong use. A failure is one line on standard error that says
 * what to do; only a defect of ours shows a stack.
 */
export async function main(argv: string[]): Promise<number> {
  try {
    await (await build(argv[2])).parseAsync(argv);
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return tellFailure(error);
  }
}

/** `dev` loads nothing of the other commands, and they nothing of `dev`: a supervisor stays small. */
async function build(first: string | undefined): Promise<Command> {
  const program = new Command("weft").description("the command line of a Weft mesh").enablePositionalOptions();
  program
    .configureOutput({
      outputError: (text, write) =>
        write(
          `${text
            .replace(/^error: /, "")
            .trim()
            .replaceAll("\n", " ")} (--help shows how)\n`,
        ),
    })
    .exitOverride();
  // The others work beside a service whose configuration is broken.
  const parts = first === "dev" ? serviceParts() : [];
  const dev = devCommand(
    parts.map(({ folder }) => folder),
    async (options) => {
      await (await import("./dev/dev.ts")).dev(options, parts);
    },
  );
  const commands = first === "dev" ? [dev] : [dev, ...(await import("./commands/index.ts")).commands()];
  for (const command of commands) {
    inherit(command, program);
    program.addCommand(command);
  }
  return program;
}

/** Commands that are added whole do not take over how errors are told: give it to them and to those below them. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, parent);
}
