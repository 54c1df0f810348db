import { userInfo } from "node:os";
import { defineError } from "@weft/core";
import type { Broker } from "@weft/messaging";
import { Command } from "commander";
import { onDatabase, serviceDatabases } from "./databases.ts";
import { print, printJson, printRows } from "./print.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

export interface GroupLag {
  group: string;
  state: string;
  members: number;
  topic: string;
  lag: number;
}

/** Records that a group has not committed yet, by topic. */
export async function groupLags(broker: Broker): Promise<GroupLag[]> {
  const lags: GroupLag[] = [];
  for (const { group, state, members } of await broker.groups()) {
    const byTopic = new Map<string, Map<number, bigint>>();
    for (const { topic, partition, offset } of await broker.groupOffsets(group)) {
      byTopic.set(topic, (byTopic.get(topic) ?? new Map()).set(partition, offset));
    }
    for (const [topic, committed] of byTopic) {
      let lag = 0n;
      for (const { partition, first, next } of await broker.topicOffsets(topic))
        lag += next - (committed.get(partition) ?? first);
      lags.push({ group, state, members, topic, lag: Number(lag) });
    }
  }
  return lags.sort((a, b) => a.group.localeCompare(b.group) || a.topic.localeCompare(b.topic));
}

const GroupInUse = defineError<{ group: string; members: number }>({
  code: "GROUP_IN_USE",
  kind: "conflict",
  message: ({ group, members }) =>
    `${group} has ${members} ${members === 1 ? "member" : "members"}: stop the service first, in every instance`,
});

/**
 * A service reads its topics from the beginning at its next start; what has had its effect is known to its inbox. For after
 * its database went back.
 * @throws GroupInUse
 */
async function rewind(session: Session, group: string, dryRun: boolean): Promise<void> {
  const broker = await session.broker();
  const members = (await broker.groups()).find((one) => one.group === group)?.members ?? 0;
  const matched = (await broker.groupOffsets(group)).length;
  if (matched > 0 && members > 0) throw new GroupInUse({ group, members });
  const done = matched > 0 && !dryRun ? matched : 0;
  if (done > 0) {
    await broker.deleteGroup(group);
    const own = session.knows("postgres") && serviceDatabases(session).find(({ service }) => service === group);
    if (own)
      await onDatabase(session, own.database, (client) =>
        client.query(
          "INSERT INTO weft.operations (actor, action, selector, matched, done) VALUES ($1, 'groups rewind', $2, $3, $4)",
          [`weft-cli ${userInfo().username}`, `--group ${group}`, matched, done],
        ),
      );
  }
  if (matched === 0) process.exitCode = 1;
  if (session.json) return printJson({ matched, done, skipped: 0, failed: 0, dryRun });
  if (matched === 0) return print(`${group} has committed nothing: it reads from the beginning anyway.`);
  print(`${group}: ${matched} partitions ${dryRun ? "would be" : "are"} read from the beginning at its next start`);
}

export function groupsCommand(): Command {
  return new Command("groups")
    .description("consumer groups")
    .addCommand(
      withAddresses(new Command("lag").description("how far each service is behind each topic, in records")).action(
        inSession(async (session: Session) => {
          const lags = await groupLags(await session.broker());
          printRows(session.json, lags as unknown as Record<string, unknown>[], "No group has committed anything yet.");
        }),
      ),
    )
    .addCommand(
      withAddresses(
        new Command("rewind")
          .description("lets a stopped service read its topics from the beginning, after its database was restored")
          .requiredOption("--group <name>", "such as catalog-service")
          .option("--dry-run", "only say what would be done"),
      ).action(
        inSession(async (session: Session, { group, dryRun = false }: { group: string; dryRun?: boolean }) =>
          rewind(session, group, dryRun),
        ),
      ),
    );
}
