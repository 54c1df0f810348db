import { join } from "node:path";
import { generateContracts } from "@weft/contracts/generate";
import { Command } from "commander";
import { repositoryRoot } from "../layout.ts";
import { print, printRows } from "./print.ts";
import { checkCommand } from "./schemas-check.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

export function schemasCommand(): Command {
  const command = new Command("schemas").description("the documents in schemas/ and what is made from them");
  command.addCommand(checkCommand());
  command.addCommand(
    withAddresses(
      new Command("register").description("register every event in the Schema Registry; changes nothing that is there"),
    ).action(
      inSession(async (session: Session) => {
        const registered = await (await session.schemas()).registerAll();
        printRows(session.json, registered, "schemas/ declares no event.");
      }),
    ),
  );
  command.addCommand(
    new Command("generate")
      .description("make types and validators in packages/contracts from schemas/")
      .action(async () => {
        await generateContracts({
          schemasDir: join(repositoryRoot, "schemas"),
          outDir: join(repositoryRoot, "packages/contracts/src/generated"),
        });
        print("packages/contracts/src/generated is up to date.");
      }),
  );
  return command;
}
