import type { EventType } from "@weft/contracts";
import { type Broker, eventConsumer, type SchemaRegistry, type Subscription, schemaRegistry } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import {
  createOutbox,
  type Database,
  idempotencyKeys,
  type Outbox,
  outboxRelay,
  postgres,
  postgresInbox,
  type Transaction,
} from "@weft/outbox";
import { buildOrExit, configureOrExit } from "./configure.ts";
import {
  buildPlainService,
  type PlainService,
  type PlainServiceOptions,
  type PlainServiceParts,
} from "./plain-service.ts";
import { trustedTools } from "./trusted-tools.ts";

export interface EventServiceOptions<Type extends EventType> extends PlainServiceOptions {
  /** Directory of the service's own `.sql` files, run after Weft's. @defaultValue none */
  migrations?: URL;
  /** The event types that it publishes; its outbox takes no other. @defaultValue none */
  publishes?: readonly Type[];
}

export interface EventServiceParts extends PlainServiceParts {
  /** What the service does with events of others, in the consumer group of its name. */
  subscriptions?: Subscription<Transaction>[];
}

/** A process with a database, an outbox and events, besides what a plain one has. */
export interface EventService<Own = unknown, Type extends EventType = never> extends PlainService<Own> {
  readonly database: Database;
  readonly outbox: Outbox<Type>;
  readonly broker: Broker;
  readonly schemas: SchemaRegistry;
  run(parts: EventServiceParts): Promise<void>;
}

/**
 * Reads the configuration and builds the real collaborators of a service; nothing starts before `run`. Then, in order:
 * database with its migrations, broker and schema registry together, relay, the service's own components, consumer.
 * A wrong option or configuration ends the process: one clear message and exit code 2.
 * @typeParam Own sections of the service's own; where it is given, `Type` must be too (TypeScript infers all or none)
 * @param argv `process.argv`
 */
export function eventService<Own = unknown, const Type extends EventType = never>(
  argv: readonly string[],
  { configFile, migrations, sections = {}, publishes = [] }: EventServiceOptions<Type>,
): EventService<Own, Type> {
  const configured = configureOrExit<Own>(argv, {
    configFile,
    sections,
    needs: ["database", "kafka", "schemaRegistry"],
  });
  const plain = buildPlainService<Own>(configured);
  const { identity, log, metrics, config } = plain;
  const { source, name: databaseName, poolSize, tls } = config.database!;

  const database = buildOrExit(() =>
    postgres(
      { log, metrics },
      {
        source,
        applicationName: identity.instanceId,
        migrations: migrations ? [migrations] : [],
        ...(poolSize === undefined ? {} : { poolSize }),
        ...(tls === undefined ? {} : { tls }),
      },
    ),
  );
  const broker = buildOrExit(() => kafkaBroker({ log, metrics }, config.kafka!));
  const schemas = buildOrExit(() => schemaRegistry({ log }, config.schemaRegistry!));
  const outbox = createOutbox({}, { source: identity.name, publishes });
  const relay = outboxRelay({ database, outbox, broker, schemas, log, metrics }, {});
  const inbox = postgresInbox({ database });
  const idempotency = idempotencyKeys({ database, log }, {});

  const alsoFrom = trustedTools(config.consul.service.metadata);

  const run = ({ subscriptions = [], components = [], ...parts }: EventServiceParts): Promise<void> => {
    const consumer = () =>
      eventConsumer({ broker, schemas, inbox, log, metrics }, { group: identity.name, subscriptions, alsoFrom });
    const consumers = subscriptions.length === 0 ? [] : [buildOrExit(consumer)];
    return plain.runWith(
      { ...parts, components: [[database, broker, schemas], relay, ...components, ...consumers] },
      { idempotency, databaseName, events: { publishes, subscribes: subscriptions.map(described) } },
    );
  };
  return { ...plain, database, outbox, broker, schemas, run };
}

const described = ({ type, majors = [1], reads }: Subscription<Transaction>) => ({ type, majors, reads });
