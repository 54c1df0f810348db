import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect } from "@jest/globals";
import {
  contractOf,
  decodeWire,
  type Envelope,
  type EventData,
  type EventType,
  encodeWire,
  keyOf,
  topics,
} from "@weft/contracts";
import { silentLogger } from "@weft/core";
import {
  type Broker,
  type DirectPublisher,
  directPublisher,
  type IncomingRecord,
  schemaRegistry,
} from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { connectionsFrom } from "@weft/service-kit/connections";
import {
  type ApiAnswer,
  type ApiRequest,
  eventually,
  type MeshOptions,
  type RunningMesh,
  startMesh,
} from "@weft/testkit";
import { Client } from "pg";
import { tokenMaker } from "./tokens.ts";

/** A record as a test looks at it. */
export interface SeenRecord {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
  key: string | undefined;
  value: Buffer | null;
  headers: Record<string, string>;
  /** Absent where the value is no envelope. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
  envelope?: Envelope & { data: any };
}

/** `prod_1f0c…`: ids of its own make a test independent of all others in its mesh. */
export const unique = (prefix: string) => `${prefix}_${randomUUID().slice(0, 13)}`;

/** From before any test until long after it. */
export const always = { effectiveFrom: "2026-01-01T00:00:00Z", effectiveTo: "2099-01-01T00:00:00Z" };

/** Reads follow writes within 2 s on an idle machine (`pnpm bench` measures it); where tests run, it is seldom idle. */
export const soon = { timeoutMs: 20_000 };

/** Asks until the page lacks just these services: on a busy machine others may be late, which it then rightly says. */
export const pageWithout = <Answer extends ApiAnswer<unknown>>(degraded: string[], ask: () => Promise<Answer>) =>
  eventually(`a page that lacks ${degraded.join(", ") || "nobody"}`, async () => {
    const answer = await ask();
    return (answer.meta.degraded ?? []).join() === degraded.join() && answer;
  });

export function expectError(answer: ApiAnswer<unknown>, status: number, code: string, details?: object): void {
  expect({ status: answer.status, code: answer.error?.code, details: answer.error?.details }).toEqual({
    status,
    code,
    details: details === undefined ? answer.error?.details : expect.objectContaining(details),
  });
}

/** @param fields exactly the paths that are wrong */
export function expectInvalid(answer: ApiAnswer<unknown>, ...fields: string[]): void {
  expectError(answer, 400, "VALIDATION_ERROR");
  expect(Object.keys(answer.error?.details?.field_errors as object).sort()).toEqual(fields.sort());
}

/** A mesh for all tests of a file, and what they look at it with. Everything begins in `beforeAll`. */
export class MeshFixture {
  private running: RunningMesh | undefined;
  private brokerOfTests: Broker | undefined;
  private publisherOfTests: DirectPublisher | undefined;
  /** The schema id that events of a type carry. */
  idOf: (type: EventType) => Promise<number> = async () => 0;
  private readonly seen: SeenRecord[] = [];
  private readonly databases = new Map<string, Promise<Client>>();
  private readonly undo: (() => Promise<unknown>)[] = [];
  private sign: ReturnType<typeof tokenMaker> | undefined;

  get mesh(): RunningMesh {
    return this.running!;
  }
  get broker(): Broker {
    return this.brokerOfTests!;
  }
  /** Publishes as another service would that has no outbox: without a sequence. */
  get publisher(): DirectPublisher {
    return this.publisherOfTests!;
  }

  async start(options: MeshOptions): Promise<void> {
    this.running = await startMesh(options);
    this.undo.push(() => this.mesh.stop());
    const runtime = this.mesh.runtime();
    this.sign = tokenMaker(this.mesh.stateDir);
    // Spoken to as the mesh itself was told to.
    const { kafka, schemaRegistry: registry } = connectionsFrom(
      {
        ...options.environment,
        WEFT_KAFKA_BROKERS: runtime.kafka.brokers.join(","),
        WEFT_SCHEMA_REGISTRY_URL: runtime.schemaRegistry.url,
      },
      "mesh-tests",
    );
    this.brokerOfTests = kafkaBroker({ log: silentLogger }, kafka());
    await this.broker.start();
    this.undo.push(() => this.broker.stop());
    const schemas = schemaRegistry({ log: silentLogger }, registry());
    await schemas.start();
    this.undo.push(() => schemas.stop());
    this.idOf = (type) => schemas.idOf(type, 1);
    this.publisherOfTests = directPublisher({ broker: this.broker, schemas }, { source: "weft-cli" });
    const tail = await this.broker.tail({ topics: topics.map(({ name }) => name), from: "beginning" }, (record) => {
      this.seen.push(seenRecord(record));
    });
    this.undo.push(() => tail.stop());
  }

  async stop(): Promise<void> {
    for (const client of this.databases.values()) await client.then((c) => c.end()).catch(() => {});
    for (const step of this.undo.reverse()) await step();
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
  api<Data = any>(method: string, path: string, request?: ApiRequest): Promise<ApiAnswer<Data>> {
    return this.mesh.api<Data>(method, path, request);
  }

  url(service: string): string {
    return this.mesh.runtime().services.find(({ name }) => name === service)!.http;
  }

  /** Past the gateway, as another service would. */
  direct(service: string, method: string, path: string, request: ApiRequest = {}) {
    return this.mesh.api(method, path, { token: null, base: this.url(service), ...request });
  }

  token(
    subject: string,
    role: "customer" | "admin" = "customer",
    { header, claims }: { header?: object; claims?: object } = {},
  ): string {
    return this.sign!({ sub: subject, role, ...claims }, header);
  }

  async rows<Row extends object>(database: string, sql: string, values: unknown[] = []): Promise<Row[]> {
    let client = this.databases.get(database);
    if (!client) {
      client = this.connect(database);
      this.databases.set(database, client);
    }
    return (await (await client).query<Row>(sql, values)).rows;
  }

  async connect(database: string): Promise<Client> {
    const client = new Client({ connectionString: this.mesh.runtime().postgres.url.replace("{database}", database) });
    // A server that goes away ends it, and the next question brings a new one.
    client.on("error", () => this.databases.delete(database));
    await client.connect();
    return client;
  }

  /** All records so far for which `matches` holds, in the order of their partition. */
  records(matches: (record: SeenRecord) => boolean): SeenRecord[] {
    return this.seen.filter(matches);
  }

  /** Waits until at least `count` events with this key are on their topic, and gives all that are there then. */
  events(key: string, count = 1): Promise<(SeenRecord & { envelope: NonNullable<SeenRecord["envelope"]> })[]> {
    return eventually(`${count} events of ${key}`, () => {
      const found = this.records((record) => record.key === key && !record.topic.endsWith(".dlq") && !!record.envelope);
      return found.length >= count && (found as Awaited<ReturnType<typeof this.events>>);
    });
  }

  /** The dead letter of a group whose original value has these bytes. */
  deadLetter(group: string, value: Buffer): Promise<SeenRecord> {
    return eventually(`a dead letter of ${group}`, () =>
      this.seen.find((record) => record.topic === `${group}.dlq` && record.value?.equals(value)),
    );
  }

  /** How often an event had its effect in a service. */
  async effects(database: string, eventId: string): Promise<number> {
    const rows = await this.rows(database, "SELECT event_id FROM weft.inbox_effects WHERE event_id = $1", [eventId]);
    return rows.length;
  }

  async effect(database: string, eventId: string): Promise<void> {
    await eventually(`event ${eventId} has its effect in ${database}`, () =>
      this.effects(database, eventId).then((n) => n > 0),
    );
  }

  /** Sends an envelope as it is, so also a wrong one, or one of a producer that claims an order (`sequence`). */
  async send(
    envelope: { eventId: string; eventType: string; data: object } & Record<string, unknown>,
    { sequence, partition }: { sequence?: number; partition?: number } = {},
  ): Promise<Buffer> {
    const type = envelope.eventType as EventType;
    const key = keyOf(envelope as unknown as Envelope);
    const value = encodeWire(await this.idOf(type), JSON.stringify(envelope));
    await this.broker.send([
      {
        topic: contractOf(type)!.topic,
        key,
        value,
        headers: {
          "event-id": envelope.eventId,
          "event-type": type,
          "aggregate-id": key,
          ...(sequence === undefined ? {} : { "event-sequence": String(sequence) }),
        },
        ...(partition === undefined ? {} : { partition }),
      },
    ]);
    return value;
  }

  /**
   * Sends records of an aggregate that nobody can read, with sequences from 1: their places stay open, so that other records
   * may come there later, in any order.
   */
  async openPlaces(type: EventType, key: string, count: number): Promise<void> {
    const record = (sequence: number) => ({
      topic: contractOf(type)!.topic,
      key,
      value: Buffer.from("unreadable"),
      headers: {
        "event-id": randomUUID(),
        "event-type": type,
        "aggregate-id": key,
        "event-sequence": String(sequence),
      },
    });
    await this.broker.send(Array.from({ length: count }, (_, index) => record(index + 1)));
  }

  /** Publishes and waits for the effect in each of the databases. */
  async publish<T extends EventType>(type: T, data: EventData<T>, ...databases: string[]): Promise<Envelope<T>> {
    const envelope = await this.publisher.publish(type, data);
    for (const database of databases) await this.effect(database, envelope.eventId);
    return envelope;
  }

  /** Keeps a service from answering, as a hanging process would, while `work` runs. */
  async whileFrozen<T>(service: string, work: () => Promise<T>): Promise<T> {
    const { pid } = this.mesh.runtime().services.find(({ name }) => name === service)!;
    process.kill(pid, "SIGSTOP");
    try {
      return await work();
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }
}

/** One mesh for the whole file: call it once, outside `describe`. */
export function meshFixture(environment: NodeJS.ProcessEnv = {}): MeshFixture {
  const fixture = new MeshFixture();
  beforeAll(() => fixture.start({ environment }), 180_000);
  afterAll(() => fixture.stop(), 120_000);
  return fixture;
}

/** A whole envelope, as the contract wants it. */
export function envelope<T extends EventType>(type: T, data: EventData<T>, changes: Record<string, unknown> = {}) {
  return {
    eventId: randomUUID(),
    eventType: type as string,
    version: contractOf(type)!.version,
    timestamp: new Date().toISOString(),
    // In development every service takes what the command line sends, beside what its publishers do.
    source: "weft-cli",
    data,
    ...changes,
  };
}

function seenRecord({ key, value, headers, ...rest }: IncomingRecord): SeenRecord {
  const wire = value === null ? undefined : decodeWire(value);
  const json = wire?.ok ? (wire.json as SeenRecord["envelope"]) : undefined;
  return {
    ...rest,
    key: key?.toString(),
    value,
    headers: Object.fromEntries(headers.map(([name, bytes]) => [name, String(bytes)])),
    ...(json?.eventId ? { envelope: json } : {}),
  };
}
