import { Command } from "commander";
import { newEvent } from "../new/event.ts";
import { newService } from "../new/service.ts";
import { print, printJson } from "./print.ts";

/** Writes a start that works, and says what comes next. Nothing that exists is changed, but for schemas/topics.json. */
export function newCommand(): Command {
  const command = new Command("new").description("write a service or an event type that works, to go on from");
  command.addCommand(
    new Command("service")
      .description("a folder in services/: routes, table, subscription, tests")
      .argument("<name>", "such as gift-cards; it is registered as gift-cards-service")
      .option("--owns <thing>", "what it owns, in the singular; by default from the name")
      .option("--json", "print JSON")
      .action((name: string, { owns, json }: { owns?: string; json?: boolean }) => {
        const made = newService(name, { owns });
        if (json) return printJson(made);
        for (const file of made.files) print(`  ${made.folder}/${file}`);
        print(`
${made.service} is in ${made.folder}. Next:

  npx -y pnpm dev                              # links it and starts it with the others, on port ${made.port}
  npx -y pnpm weft call ${made.service} GET ${made.path}

docs/guides/add-a-service.md goes on from here.`);
      }),
  );
  command.addCommand(
    new Command("event")
      .description("a document in schemas/events/, with its topic, types and validators")
      .argument("<Type>", "in the past tense, such as ReturnCreated")
      .requiredOption("--topic <topic>", "such as returns.events; declared where it is new")
      .requiredOption("--key <field>", "field of data that is the record's key, such as returnId")
      .option("--json", "print JSON")
      .action(async (type: string, { json, ...options }: { topic: string; key: string; json?: boolean }) => {
        const made = await newEvent(type, options);
        if (json) return printJson(made);
        print(`  ${made.file}${made.isNewTopic ? "\n  schemas/topics.json" : ""}
  packages/contracts/src/generated/

${type} is declared in ${options.topic}. Next: say in the document what it tells, and who publishes it, then

  npx -y pnpm weft schemas generate

docs/guides/add-an-event.md goes on from here.`);
      }),
  );
  return command;
}
