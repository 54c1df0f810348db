import { silentLogger } from "@weft/core";
import { lastHeader } from "@weft/messaging";
import { type Database, outboxRelay, type PublishedState, postgresInbox, resequence } from "@weft/outbox";
import { project } from "@weft/service-kit";
import { eventually } from "@weft/testkit";
import pg from "pg";
import { newOutbox, type PostgresServer, pendingIn, priceChanged, recordingBroker, schemas } from "./fixtures.ts";

interface OnTopic {
  aggregateId: string;
  sequence: number;
  eventId: string;
  place: number;
  price: number;
}

/** A publisher with its prices, a topic in memory, and a reader that keeps what it was told last. */
export class Shop {
  readonly topic: OnTopic[] = [];
  private readonly outbox = newOutbox();
  private read = 0;

  private readonly publisher: Database;
  private readonly reader: Database;
  private readonly source: string;

  constructor(publisher: Database, reader: Database, source: string) {
    this.publisher = publisher;
    this.reader = reader;
    this.source = source;
  }

  static async open(server: PostgresServer): Promise<Shop> {
    const [publisher, reader] = await Promise.all([server.database(), server.database()]);
    await publisher.database.query("CREATE TABLE prices (product_id text PRIMARY KEY, price integer)");
    await reader.database.query("CREATE TABLE told (product_id text PRIMARY KEY, price integer)");
    const shop = new Shop(publisher.database, reader.database, publisher.source);
    await postgresInbox({ database: shop.reader }).reading!.begin("reader", {
      topic: "pricing.events",
      partition: 0,
      offset: 0n,
    });
    return shop;
  }

  async price(productId: string, price: number): Promise<void> {
    await this.publisher.transaction(async (tx) => {
      await this.outbox.lock(tx, [{ topic: "pricing.events", aggregateId: productId }]);
      await tx.query(
        "INSERT INTO prices VALUES ($1, $2) ON CONFLICT (product_id) DO UPDATE SET price = excluded.price",
        [productId, price],
      );
      await this.outbox.append(tx, "PriceChanged", priceChanged(productId, price));
    });
  }

  /** Everything that is pending goes out, and is read. @returns what the reader made of it */
  async settle(): Promise<Record<string, number>> {
    const { broker } = recordingBroker(async (records) => {
      for (const { headers, value } of records) {
        const sequence = Number(lastHeader(headers, "event-sequence"));
        this.topic.push({
          aggregateId: lastHeader(headers, "aggregate-id")!,
          sequence,
          eventId: lastHeader(headers, "event-id")!,
          place: Number(lastHeader(headers, "event-place") ?? sequence),
          price: JSON.parse(value!.subarray(5).toString()).data.finalPrice,
        });
      }
    });
    const { publisher: database, outbox } = this;
    const relay = outboxRelay({ database, outbox, broker, schemas, log: silentLogger });
    await relay.start();
    await eventually("all is published", async () => (await pendingIn(database)) === 0);
    await relay.stop();
    const outcomes: Record<string, number> = {};
    const inbox = postgresInbox({ database: this.reader });
    for (; this.read < this.topic.length; this.read++) {
      const { aggregateId, sequence, eventId, place, price } = this.topic[this.read]!;
      const at = { consumer: "reader", topic: "pricing.events", partition: 0, offset: BigInt(this.read) };
      const outcome = await inbox.once({ ...at, aggregateId, sequence, eventId, eventType: "PriceChanged" }, (tx) =>
        project(tx, { table: "told", key: { product_id: aggregateId }, values: { price }, place }),
      );
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    return outcomes;
  }

  async resequence(isDryRun = false) {
    const client = new pg.Client({ connectionString: this.source });
    await client.connect();
    try {
      const matches: string[] = [];
      const { failure: _, ...result } = await resequence(client, this.state(), {
        isDryRun,
        actor: "test",
        selector: "all",
        onMatch: ({ aggregateId, lastSequence, newLast, events }) =>
          void matches.push(`${aggregateId} ${lastSequence}→${newLast} ${events}`),
      });
      return { ...result, matches };
    } finally {
      await client.end();
    }
  }

  private state(): PublishedState {
    const topic = "pricing.events";
    return {
      firstOffsets: async () => [{ topic, partition: 0, offset: 0n }],
      events: (take) =>
        take(this.topic.map((event, offset) => ({ ...event, topic, partition: 0, offset: BigInt(offset) }))),
      readers: async (take) => {
        const { rows } = await this.reader.query<{ aggregateId: string; position: number }>(
          `SELECT aggregate_id AS "aggregateId", position FROM weft.inbox_positions`,
        );
        await take(rows.map((row) => ({ topic, ...row })));
      },
    };
  }

  /** As a backup of the moment has it: what is committed later is gone. */
  async backup(): Promise<() => Promise<void>> {
    const tables = ["prices", "weft.aggregates", "weft.outbox"];
    const copies = tables.map((table) => `backup_${table.replace(".", "_")}`);
    for (const [n, table] of tables.entries())
      await this.publisher.query(`CREATE TABLE ${copies[n]} AS SELECT * FROM ${table}`);
    return async () => {
      for (const [n, table] of tables.entries()) {
        await this.publisher.query(`DELETE FROM ${table}`);
        await this.publisher.query(`INSERT INTO ${table} SELECT * FROM ${copies[n]}`);
      }
    };
  }

  query(sql: string) {
    return this.publisher.query(sql);
  }

  async troubles(): Promise<string[]> {
    return (await postgresInbox({ database: this.reader }).troubles!("reader")).map(
      ({ trouble, events }) => `${trouble} ${events}`,
    );
  }

  async books(): Promise<{ published: string[]; told: string[] }> {
    const list = async (database: Database, table: string) =>
      (
        await database.query<{ product_id: string; price: number }>(
          `SELECT product_id, price FROM ${table} ORDER BY product_id`,
        )
      ).rows.map(({ product_id, price }) => `${product_id} ${price}`);
    return { published: await list(this.publisher, "prices"), told: await list(this.reader, "told") };
  }
}
