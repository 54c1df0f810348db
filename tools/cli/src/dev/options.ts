import { Command, InvalidArgumentError, Option } from "commander";

export interface DevOptions {
  infra: "embedded" | "docker" | "external";
  /** Forget the state of earlier runs first. */
  fresh: boolean;
  /** Folder names of the services to start; all where absent. */
  only?: string[];
  /** Folder name → number of instances. */
  scale: Record<string, number>;
  console: boolean;
  demo: boolean;
  /** Log lines as JSON, as the services write them. */
  json: boolean;
}

const serviceName = (text: string) => text.trim().replace(/-service$/, "");

/** @param known folder names of the services; others are refused with this list */
export function devCommand(known: string[], run: (options: DevOptions) => Promise<void>): Command {
  const check = (name: string) => {
    if (!known.includes(name))
      throw new InvalidArgumentError(`there is no service ${name}; there are ${known.join(", ")}.`);
    return name;
  };
  return new Command("dev")
    .description("start the whole mesh on this machine, and follow its logs until Ctrl-C")
    .addOption(
      new Option("--infra <kind>", "where the servers come from")
        .choices(["embedded", "docker", "external"])
        .default("embedded"),
    )
    .option("--fresh", "forget the state of earlier runs (.weft/) first", false)
    .option("--only <a,b>", "start only these services", (text) => {
      const names = text.split(",").map(serviceName).filter(Boolean);
      if (names.length === 0) throw new InvalidArgumentError(`name services, with commas: ${known.join(", ")}.`);
      return names.map(check);
    })
    .option(
      "--scale <service=n>",
      "run several instances of a service; may be repeated",
      (text: string, scale: Record<string, number>) => {
        const [, name, count] = /^([a-z-]+)=([0-9]+)$/.exec(text) ?? [];
        if (name === undefined || Number(count) < 1 || Number(count) > 10) {
          throw new InvalidArgumentError("write it like catalog=2, with 1 to 10 instances.");
        }
        return { ...scale, [check(serviceName(name))]: Number(count) };
      },
      {},
    )
    .option("--no-console", "without the overview page")
    .option("--no-demo", "without demo data on the first start")
    .option("--json", "log lines as JSON", false)
    .allowExcessArguments(false)
    .action(run);
}
