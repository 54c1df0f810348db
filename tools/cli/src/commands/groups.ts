import type { Broker } from "@weft/messaging";
import { Command } from "commander";
import { printRows } from "./print.ts";
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

export function groupsCommand(): Command {
  return new Command("groups").description("consumer groups").addCommand(
    withAddresses(new Command("lag").description("how far each service is behind each topic, in records")).action(
      inSession(async (session: Session) => {
        const lags = await groupLags(await session.broker());
        printRows(session.json, lags as unknown as Record<string, unknown>[], "No group has committed anything yet.");
      }),
    ),
  );
}
