import type { Command } from "commander";
import { dlqCommand } from "./dead-letters.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { eventsCommand } from "./events.ts";
import { groupsCommand } from "./groups.ts";
import { newCommand } from "./new.ts";
import { outboxCommand } from "./outbox.ts";
import { schemasCommand } from "./schemas.ts";
import { callCommand, servicesCommand } from "./services.ts";

export function commands(): Command[] {
  // `weft events tail | head`: whoever read is satisfied, and that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  return [
    servicesCommand(),
    callCommand(),
    eventsCommand(),
    schemasCommand(),
    outboxCommand(),
    dlqCommand(),
    groupsCommand(),
    doctorCommand(),
    demoCommand(),
    newCommand(),
  ];
}
