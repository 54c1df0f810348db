import { contractOf, contractsOfAllMajors, type EventContract, subjectOf } from "@weft/contracts";
import { classify, type Logger, option, retry, type TlsOptions, takeOptions } from "@weft/core";
import { failureOf, type RegistryFailure, registryClient } from "./confluent/client.ts";
import { SchemaIncompatible, SchemaRegistryUnavailable, SchemaUnknown } from "./errors.ts";
import type { SchemaRegistry } from "./schemas.ts";

export interface SchemaRegistryOptions {
  /** Of a registry with the Confluent API: `http://127.0.0.1:8081`. */
  url: string;
  auth?: { username: string; password: string };
  /** Of an https URL. @defaultValue the authorities that Node brings */
  tls?: TlsOptions;
  /** Longest time for one answer, in milliseconds. @defaultValue 2000 */
  timeoutMs?: number;
  /** Times that a question is asked before the registry counts as unavailable. @defaultValue 3 */
  attempts?: number;
}

const rules = {
  url: option.text(/^https?:\/\/./, "must be an http or https URL"),
  timeoutMs: option.milliseconds(2000),
  attempts: option.count(3),
};

/** What the subjects are held to: a new minor reads everything that any older one has written. */
const compatibility = "BACKWARD_TRANSITIVE";
const maxKnownIds = 10_000;
const unknownIdMs = 5000;
const registersAtOnce = 4;

interface SchemaOfId {
  eventType: string;
  major: number;
}

/**
 * The Schema Registry through the HTTP client of `@kafkajs/confluent-schema-registry`. Ids are kept for ever in both
 * directions, so known schemas need no registry; starting does not need one either.
 * @throws OptionsInvalid naming every wrong option
 */
export function schemaRegistry({ log }: { log: Logger }, options: SchemaRegistryOptions): SchemaRegistry {
  const settings = takeOptions("the Schema Registry configuration", rules, options);
  const client = registryClient(settings);
  const idOfContract = new Map<string, number>();
  const typeOfId = new Map<number, SchemaOfId | "not an event">();
  /** Id → until when it counts as unknown, by `performance.now()`: a flood of poison must not become one of questions. */
  const unknownIds = new Map<number, number>();
  const asking = new Map<string, Promise<unknown>>();
  let lastFailure: string | undefined;

  /** One question at a time for the same thing, repeated while the registry is away. */
  function ask<T>(operation: string, question: () => Promise<T>): Promise<T | RegistryFailure> {
    const same = asking.get(operation) as Promise<T | RegistryFailure> | undefined;
    if (same) return same;
    const answer = askOnce(operation, question).finally(() => asking.delete(operation));
    asking.set(operation, answer);
    return answer;
  }

  function askOnce<T>(operation: string, question: () => Promise<T>): Promise<T | RegistryFailure> {
    return retry<T | RegistryFailure>(
      {
        firstMs: 100,
        maxMs: 1000,
        attempts: settings.attempts,
        mayRetry: (error) => SchemaRegistryUnavailable.is(error),
      },
      async () => {
        try {
          const answer = await question();
          lastFailure = undefined;
          return answer;
        } catch (error) {
          // An error of ours is no outage of the registry.
          if (classify(error) === "bug") throw error;
          const failure = failureOf(error);
          if (isRefusal(failure)) {
            lastFailure = undefined;
            return failure;
          }
          lastFailure = inWords(failure);
          throw new SchemaRegistryUnavailable({ operation, message: lastFailure }, { cause: error });
        }
      },
    );
  }

  function inWords({ status, message }: RegistryFailure): string {
    if (status !== 401 && status !== 403) return message;
    const user = settings.auth ? `user ${JSON.stringify(settings.auth.username)}` : "requests without a user";
    return `it refuses ${user} (${status}): check schema_registry.username and password, and the rights of that user`;
  }

  const isFailure = (answer: object): answer is RegistryFailure => "status" in answer;

  function learn(contract: EventContract, id: number): void {
    idOfContract.set(keyOf(contract), id);
    typeOfId.set(id, { eventType: contract.eventType, major: contract.major });
    unknownIds.delete(id);
  }

  async function register(contract: EventContract): Promise<{ subject: string; id: number; created: boolean }> {
    const { subject } = contract;
    const text = schemaText(contract);
    const found = await ask(`look up ${subject}`, () => client.lookUp(subject, text));
    if (!isFailure(found)) {
      learn(contract, found.id);
      return { subject, id: found.id, created: false };
    }
    await ask(`set the compatibility of ${subject}`, () => client.setCompatibility(subject, compatibility));
    const made = await ask(`register ${subject}`, () => client.register(subject, text));
    if (isFailure(made)) throw new SchemaIncompatible({ subject, reasons: made.message });
    learn(contract, made.id);
    return { subject, id: made.id, created: true };
  }

  return {
    name: "schema-registry",
    async start() {},
    async stop() {},

    async idOf(type, major) {
      const contract = contractOf(type, major);
      const subject = contract?.subject ?? subjectOf("?", type, major);
      if (!contract) throw new SchemaUnknown({ eventType: type, major, subject });
      const known = idOfContract.get(keyOf(contract));
      if (known !== undefined) return known;
      // The id of this very schema, not of the subject's newest: during a deployment that may be another service's minor.
      const found = await ask(`look up ${subject}`, () => client.lookUp(subject, schemaText(contract)));
      if (isFailure(found)) throw new SchemaUnknown({ eventType: type, major, subject });
      learn(contract, found.id);
      return found.id;
    },

    async typeOf(id) {
      const known = typeOfId.get(id);
      if (known !== undefined) return known === "not an event" ? undefined : known;
      if ((unknownIds.get(id) ?? 0) > performance.now()) return undefined;
      const answer = await ask(`schema ${id}`, () => client.schemaOf(id));
      if (isFailure(answer)) {
        if (unknownIds.size >= maxKnownIds) unknownIds.clear();
        unknownIds.set(id, performance.now() + unknownIdMs);
        return undefined;
      }
      const found = eventOf(answer.schema);
      if (typeOfId.size < maxKnownIds) typeOfId.set(id, found ?? "not an event");
      return found;
    },

    async registerAll() {
      const results: { subject: string; id: number; created: boolean }[] = [];
      const waiting = [...contractsOfAllMajors];
      const worker = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await register(next));
      };
      await Promise.all(Array.from({ length: registersAtOnce }, worker));
      const created = results.filter((result) => result.created).map(({ subject }) => subject);
      if (created.length > 0) log.info({ created }, "schemas registered");
      return results.sort((a, b) => a.subject.localeCompare(b.subject));
    },

    health() {
      if (lastFailure === undefined) return { status: "healthy" };
      return { status: "degraded", message: `the Schema Registry does not answer: ${lastFailure}` };
    },
  };
}

/** An answer that stays the same: not who asks (401, 403) or how often (429), which somebody may change. */
const isRefusal = ({ status }: RegistryFailure) =>
  status !== undefined && status !== 401 && status !== 403 && status !== 429;

const keyOf = ({ eventType, major }: EventContract) => `${eventType} ${major}`;
const schemaText = ({ envelopeSchema }: EventContract) => JSON.stringify(envelopeSchema);

/** Event type and major that an envelope's schema is for: its `eventType` is a constant, its `version` a pattern. */
export function eventOf(schema: string): SchemaOfId | undefined {
  let document: unknown;
  try {
    document = JSON.parse(schema);
  } catch {
    return undefined;
  }
  const { eventType, version } =
    (document as { properties?: Record<string, Record<string, unknown>> })?.properties ?? {};
  const major = /^\^(\d+)\\\./.exec(String(version?.pattern))?.[1];
  if (typeof eventType?.const !== "string" || major === undefined) return undefined;
  return { eventType: eventType.const, major: Number(major) };
}
