import { existsSync, statfsSync } from "node:fs";
import { eventTypes } from "@weft/contracts";
import { defineError, WeftError } from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";
import type { HealthReport } from "@weft/transport";
import { Command } from "commander";
import { isDefect } from "../failure.ts";
import { stateDirectory } from "../layout.ts";
import { deadLetterTopics, topics } from "../topics.ts";
import { onDatabase, serviceDatabases } from "./databases.ts";
import { groupLags } from "./groups.ts";
import { outboxStatuses } from "./outbox.ts";
import { print, printJson, visible } from "./print.ts";
import { type Addresses, inSession, type Session, withAddresses } from "./session.ts";

interface Finding {
  check: string;
  ok: boolean;
  found: string;
  /** What to do, where something is wrong. */
  advice?: string;
}

interface Check {
  name: string;
  /** The address without which it cannot look. */
  needs?: keyof Addresses;
  look(): Promise<Omit<Finding, "check">>;
}

const maxPendingSeconds = 30;
const maxLag = 1_000;
const minFreeBytes = 512 * 1024 * 1024;
const readyTimeoutMs = 2_000;

/** A part that does not answer at all: what else would be asked of it is not worth a line. */
const PartSilent = defineError<{ message: string }>({
  code: "PART_SILENT",
  kind: "unavailable",
  message: ({ message }) => message,
});

/** Looks at everything that usually goes wrong, in the order in which one thing causes the next. */
export function doctorCommand(): Command {
  return withAddresses(new Command("doctor").description("what is wrong, and what to do about it")).action(
    inSession(async (session: Session) => {
      const all = checks(session);
      // Nothing runs and no address is given: that is the one answer, not one for each check.
      if (!all.some(({ needs }) => needs !== undefined && session.knows(needs))) session.runtime();
      const findings: Finding[] = [];
      const silent = new Set<keyof Addresses>();
      for (const { name, needs, look } of all) {
        if (needs !== undefined && (silent.has(needs) || !session.knows(needs))) continue;
        const result = await look().catch((error: Error) => {
          if (isDefect(error)) throw error;
          if (needs !== undefined && PartSilent.is(error)) silent.add(needs);
          return { ok: false, found: error.message, ...(PartSilent.is(error) ? { advice: restart } : {}) };
        });
        findings.push({ check: name, ...result });
        if (!session.json) tell(findings.at(-1)!);
      }
      if (session.json) printJson(findings);
      const wrong = findings.filter(({ ok }) => !ok).length;
      if (wrong > 0) process.exitCode = 1;
      if (!session.json)
        print(wrong === 0 ? "\nNothing is wrong." : `\n${wrong} of ${findings.length} checks found something.`);
    }),
  );
}

const restart = "is `pnpm dev` running? Its output tells why a part went down";

function tell({ check, ok, found, advice }: Finding): void {
  print(`${ok ? "✓" : "✗"} ${check.padEnd(24)} ${visible(found)}`);
  if (advice) print(`${"".padEnd(27)}→ ${advice}`);
}

function silent(error: Error): never {
  if (isDefect(error)) throw error;
  throw new PartSilent({ message: error.message }, { cause: error });
}

/** By its own word, now: Consul looks only every ten seconds. Who is not of Weft, and so has no version there, is not asked. */
async function readiness(session: Session, instance: ServiceInstance): Promise<string> {
  if (instance.version === "") return "ready";
  try {
    const response = await asked(session, instance, "/health/ready");
    await response.body?.cancel();
    return response.ok ? "ready" : "not ready";
  } catch {
    return "does not answer";
  }
}

/** What it says that it does without; nothing of who does not answer. */
async function degradations(session: Session, instance: ServiceInstance): Promise<string[]> {
  if (instance.version === "") return [];
  try {
    const response = await asked(session, instance, "/health", operatorsHeaders(session, instance));
    const { status, checks } = (await response.json()) as HealthReport;
    const lacks = Object.entries(checks)
      .filter(([, { status }]) => status !== "healthy")
      .map(([name, { status, message }]) => `${name} is ${status}${message ? ` (${message})` : ""}`);
    // An edge tells strangers no more than that.
    if (lacks.length === 0 && status === "degraded") return ["it is degraded, and tells its operators why"];
    return lacks;
  } catch {
    return [];
  }
}

const urlOf = ({ host, port }: ServiceInstance) => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** The token is shown to processes of the mesh that runs here and to nobody else who is registered. */
function operatorsHeaders(session: Session, instance: ServiceInstance): Record<string, string> {
  if (!session.knowsRuntime()) return {};
  const { services, tokens } = session.runtime();
  const isOurs = services.some(({ http }) => http === urlOf(instance));
  return isOurs ? { authorization: `Bearer ${tokens.operators}` } : {};
}

/** Only at addresses where instances may be, and nowhere that one sends us on to. */
async function asked(session: Session, instance: ServiceInstance, path: string, headers: Record<string, string> = {}) {
  const { networks } = await session.registry();
  const hosts = networks ? await networks.resolve(instance.host) : [instance.host];
  const answers = hosts.map((host) =>
    fetch(`${urlOf({ ...instance, host })}${path}`, {
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(readyTimeoutMs),
    }),
  );
  return Promise.any(answers);
}

interface Trouble extends Record<string, unknown> {
  consumer: string;
  trouble: string;
  topic: string;
  events: number;
  example: string | null;
}

const troubles: Record<string, { what: string; advice: string }> = {
  reused: {
    what: "events with a sequence that another one has had",
    advice:
      "`pnpm weft outbox resequence --dry-run --service …`, the one that publishes there (docs/guides/backup-and-restore.md)",
  },
  jumped: {
    what: "events whose sequence jumps",
    advice: "`pnpm weft dlq list` shows who sent them; where the topic has lost events, `pnpm weft outbox resequence`",
  },
  unread: {
    what: "records that were passed over",
    advice: "stop the service, `pnpm weft groups rewind --group …`, and start it again",
  },
  skipped: {
    what: "events that have not come, though later ones have",
    advice: "`weft.inbox_gaps` names them; they have their effect when they come",
  },
};

/** What inboxes have not been able to believe, or have not seen. */
async function sequences(session: Session): Promise<Omit<Finding, "check">> {
  const all = await Promise.all(
    serviceDatabases(session).map(({ database }) =>
      onDatabase(session, database, async (client) => {
        const { rows } = await client.query<Trouble>(
          `SELECT consumer, trouble, topic, events::float8 AS events, example FROM weft.inbox_troubles
           WHERE trouble = ANY ($1) ORDER BY consumer, trouble, topic`,
          [Object.keys(troubles)],
        );
        return rows;
      }),
    ),
  );
  const found = all.flat();
  if (found.length === 0) return { ok: true, found: "every event has its place" };
  return {
    ok: false,
    found: found
      .map(
        ({ consumer, trouble, topic, events, example }) =>
          `${consumer}: ${events} ${troubles[trouble]!.what} (${topic}${example ? `, ${example}` : ""})`,
      )
      .join("; "),
    advice: [...new Set(found.map(({ trouble }) => troubles[trouble]!.advice))].join("; "),
  };
}

async function instancesIn(session: Session) {
  const registry = await session.registry().catch(silent);
  const catalog = await registry.catalog().catch(silent);
  return catalog.flatMap(({ service, instances }) => instances.map((instance) => ({ ...instance, service })));
}

function checks(session: Session): Check[] {
  return [
    {
      name: "disk space",
      async look() {
        if (!existsSync(stateDirectory)) return { ok: true, found: `${stateDirectory} does not exist, and needs none` };
        const { bavail, bsize } = statfsSync(stateDirectory);
        const free = bavail * bsize;
        const found = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${stateDirectory}`;
        return free > minFreeBytes
          ? { ok: true, found }
          : { ok: false, found, advice: "free some, or `pnpm dev --fresh`" };
      },
    },
    {
      name: "PostgreSQL",
      needs: "postgres",
      async look() {
        const all = await outboxStatuses(session).catch(silent);
        return { ok: true, found: `${all.length} databases answer` };
      },
    },
    {
      name: "Kafka",
      needs: "kafka",
      async look() {
        const broker = await session.broker().catch(silent);
        const there = new Set((await broker.topics()).map(({ topic }) => topic));
        const needed = topics();
        const missing = needed.filter(({ name }) => !there.has(name)).map(({ name }) => name);
        if (missing.length === 0) return { ok: true, found: `all ${needed.length} topics are there` };
        return { ok: false, found: `${missing.join(", ")} missing`, advice: "`pnpm dev` creates them at its start" };
      },
    },
    {
      name: "Schema Registry",
      needs: "schemaRegistry",
      async look() {
        const schemas = await session.schemas().catch(silent);
        const asked = await Promise.allSettled(eventTypes.map((type) => schemas.idOf(type, 1)));
        const refused = asked.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
        if (refused.length === 0) return { ok: true, found: `${eventTypes.length} event types are registered` };
        const down = refused.find((error) => error instanceof WeftError && error.kind === "unavailable");
        if (down) silent(down);
        return { ok: false, found: refused[0]!.message, advice: "register them with `pnpm weft schemas register`" };
      },
    },
    {
      name: "services",
      needs: "consul",
      async look() {
        const instances = await instancesIn(session);
        const answers = await Promise.all(
          instances.map(async (one) => ({ ...one, answer: await readiness(session, one) })),
        );
        const failing = answers.filter(({ health, answer }) => health !== "passing" || answer !== "ready");
        if (instances.length === 0)
          return { ok: false, found: "none is registered in Consul", advice: "start them with `pnpm dev`" };
        if (failing.length === 0) return { ok: true, found: `${instances.length} instances pass their checks` };
        const found = failing
          .map(({ service, instanceId, health, answer }) => `${service} (${instanceId}) is ${health} and ${answer}`)
          .join(", ");
        return {
          ok: false,
          found,
          advice: "its own /health says why; where it does not answer, its log and its process",
        };
      },
    },
    {
      name: "dependencies",
      needs: "consul",
      async look() {
        const all = await Promise.all(
          (await instancesIn(session)).map(async (one) => ({ ...one, without: await degradations(session, one) })),
        );
        const some = all.filter(({ without }) => without.length > 0);
        if (some.length === 0) return { ok: true, found: "no service says that it lacks one" };
        const found = some
          .map(({ service, instanceId, without }) => `${service} (${instanceId}): ${without.join(", ")}`)
          .join("; ");
        return {
          ok: false,
          found,
          advice: "it goes on without, as far as it can: start what is away, or correct its address",
        };
      },
    },
    {
      name: "outboxes",
      needs: "postgres",
      async look() {
        const all = await outboxStatuses(session);
        const late = all.filter(({ oldest_seconds }) => (oldest_seconds ?? 0) > maxPendingSeconds);
        const parked = all.filter(({ quarantined }) => quarantined > 0);
        if (late.length + parked.length === 0) return { ok: true, found: "nothing waits longer than it should" };
        const found = [
          ...late.map(
            ({ database, pending, oldest_seconds }) =>
              `${database}: ${pending} pending, the oldest for ${oldest_seconds} s`,
          ),
          ...parked.map(({ database, quarantined }) => `${database}: ${quarantined} quarantined`),
        ].join("; ");
        return {
          ok: false,
          found,
          advice: "the service's log names what its relay cannot send (weft.outbox_pending has last_error)",
        };
      },
    },
    { name: "sequences", needs: "postgres", look: () => sequences(session) },
    {
      name: "consumers",
      needs: "kafka",
      async look() {
        const behind = (await groupLags(await session.broker())).filter(({ lag }) => lag > maxLag);
        if (behind.length === 0) return { ok: true, found: "no group is far behind" };
        const found = behind.map(({ group, topic, lag }) => `${group} is ${lag} behind on ${topic}`).join(", ");
        return { ok: false, found, advice: "`pnpm weft groups lag` over time tells whether it catches up" };
      },
    },
    {
      name: "dead letters",
      needs: "kafka",
      async look() {
        const broker = await session.broker();
        const counts = await Promise.all(
          deadLetterTopics().map(async (name) => {
            const offsets = await broker.topicOffsets(name);
            return { name, count: offsets.reduce((sum, { first, next }) => sum + Number(next - first), 0) };
          }),
        );
        const some = counts.filter(({ count }) => count > 0);
        if (some.length === 0) return { ok: true, found: "none" };
        return {
          ok: false,
          found: some.map(({ name, count }) => `${name}: ${count}`).join(", "),
          advice: "`pnpm weft dlq list` shows them",
        };
      },
    },
  ];
}
