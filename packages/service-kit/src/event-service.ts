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

export interface EventServiceOptions extends PlainServiceOptions {
  /** Directory of the service's own `.sql` files, run after Weft's. @defaultValue none */
  migrations?: URL;
}

export interface EventServiceParts extends PlainServiceParts {
  /** What the service does with events of others, in the consumer group of its name. */
  subscriptions?: Subscription<Transaction>[];
}

/** A process with a database, an outbox and events, besides what a plain one has. */
export interface EventService<Own = unknown> extends PlainService<Own> {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly broker: Broker;
  readonly schemas: SchemaRegistry;
  run(parts: EventServiceParts): Promise<void>;
}

/**
 * Reads the configuration and builds the real collaborators of a service; nothing starts before `run`. Then, in order:
 * database with its migrations, broker and schema registry together, relay, the service's own components, consumer.
 * A wrong option or configuration ends the process: one clear message and exit code 2.
 * @param argv `process.argv`
 */
export function eventService<Own = unknown>(
  argv: readonly string[],
  { configFile, migrations, sections = {} }: EventServiceOptions,
): EventService<Own> {
  const configured = configureOrExit<Own>(argv, {
    configFile,
    sections,
    needs: ["database", "kafka", "schemaRegistry"],
  });
  const plain = buildPlainService<Own>(configured);
  const { identity, log, metrics, config } = plain;
  const { source, name: databaseName, poolSize } = config.database!;

  const database = buildOrExit(() =>
    postgres(
      { log, metrics },
      {
        source,
        applicationName: identity.instanceId,
        migrations: migrations ? [migrations] : [],
        ...(poolSize === undefined ? {} : { poolSize }),
      },
    ),
  );
  const broker = buildOrExit(() => kafkaBroker({ log }, config.kafka!));
  const schemas = buildOrExit(() => schemaRegistry({ log }, config.schemaRegistry!));
  const outbox = createOutbox({}, { source: identity.name });
  const relay = outboxRelay({ database, outbox, broker, schemas, log, metrics }, {});
  const inbox = postgresInbox({ database });
  const idempotency = idempotencyKeys({ database, log }, {});

  const run = ({ subscriptions = [], components = [], ...parts }: EventServiceParts): Promise<void> => {
    const consumer =
      subscriptions.length === 0
        ? []
        : [eventConsumer({ broker, schemas, inbox, log, metrics }, { group: identity.name, subscriptions })];
    return plain.runWith(
      { ...parts, components: [[database, broker, schemas], relay, ...components, ...consumer] },
      { idempotency, databaseName },
    );
  };
  return { ...plain, database, outbox, broker, schemas, run };
}
