import type { RegisteredSubject } from "@weft/contracts/compatibility";
import { tlsFailureOf, withoutCredentials } from "@weft/core";
import { SchemaRegistryUnavailable } from "@weft/messaging";
import { Agent, fetch } from "undici";
import { connectionsAt } from "../connections.ts";

/** For one answer, in milliseconds. */
const timeoutMs = 5_000;

/**
 * Every version of every subject that belongs to one of these topics, by the Confluent API.
 * @throws SchemaRegistryUnavailable
 */
export async function registeredSubjects(url: string, topics: string[]): Promise<RegisteredSubject[]> {
  const connection = connectionsAt({ WEFT_SCHEMA_REGISTRY_URL: url }, "weft-cli").schemaRegistry();
  const { auth } = connection;
  const basic = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
  const dispatcher = new Agent({ connect: { ...connection.tls } });
  const options = { dispatcher, headers: { ...(basic && { authorization: basic }) } };
  const ask = <Answer>(path: string) => answerOf<Answer>(`${connection.url}${path}`, options);
  try {
    const subjects = (await ask<string[]>("/subjects")).filter((subject) =>
      topics.some((topic) => subject.startsWith(`${topic}-`)),
    );
    const found: RegisteredSubject[] = [];
    for (const subject of subjects.sort()) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions`;
      const versions: RegisteredSubject["versions"] = [];
      for (const version of await ask<number[]>(path)) {
        const { schema } = await ask<{ schema: string }>(`${path}/${version}`);
        versions.push({ version, schema: JSON.parse(schema) });
      }
      found.push({ subject, versions });
    }
    return found;
  } finally {
    await dispatcher.close();
  }
}

async function answerOf<Answer>(
  url: string,
  options: { dispatcher: Agent; headers: Record<string, string> },
): Promise<Answer> {
  try {
    const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return (await answer.json()) as Answer;
  } catch (cause) {
    const { message, cause: deeper } = cause as Error & { cause?: Error };
    const why = tlsFailureOf(cause) ?? deeper?.message ?? message;
    throw new SchemaRegistryUnavailable(
      { operation: `ask ${withoutCredentials(url)}`, message: withoutCredentials(why) },
      { cause },
    );
  }
}
