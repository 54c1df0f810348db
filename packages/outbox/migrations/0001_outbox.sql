-- Up Migration

COMMENT ON SCHEMA weft IS 'Owned by @weft/outbox. Tables, columns and views named in its README are stable: people and checkers may read them.';

CREATE TABLE weft.aggregates (
  topic text NOT NULL,
  aggregate_id text NOT NULL,
  last_sequence bigint NOT NULL DEFAULT 0 CHECK (last_sequence >= 0),
  PRIMARY KEY (topic, aggregate_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE weft.aggregates IS 'One row for each aggregate that publishes. Its lock orders the transactions of an aggregate, so that event_sequence is the order of their commits.';
COMMENT ON COLUMN weft.aggregates.last_sequence IS 'event_sequence of the last event; 0 where the row was only locked';

-- Not an identity column: partitions are attached, and each would get a sequence of its own.
CREATE SEQUENCE weft.outbox_id;

CREATE TABLE weft.outbox (
  id bigint NOT NULL DEFAULT nextval('weft.outbox_id'),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  topic text NOT NULL,
  aggregate_id text NOT NULL,
  event_sequence bigint NOT NULL CHECK (event_sequence > 0),
  event_id text NOT NULL,
  event_type text NOT NULL,
  event_version text NOT NULL,
  envelope text NOT NULL,
  headers jsonb NOT NULL DEFAULT '{}',
  shard smallint NOT NULL CHECK (shard BETWEEN 0 AND 15),
  not_before timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  quarantined_at timestamptz,
  quarantine_reason text,
  claim_epoch bigint,
  published_at timestamptz,
  PRIMARY KEY (topic, aggregate_id, event_sequence, created_at)
) PARTITION BY RANGE (created_at);
ALTER SEQUENCE weft.outbox_id OWNED BY weft.outbox.id;

-- Pending rows only: its size follows the backlog, never the history.
CREATE INDEX outbox_pending_by_shard ON weft.outbox (shard, id) WHERE published_at IS NULL AND quarantined_at IS NULL;
-- What an operator has to look at; nearly always empty.
CREATE INDEX outbox_quarantined ON weft.outbox (topic, aggregate_id, event_sequence) WHERE quarantined_at IS NOT NULL;

COMMENT ON TABLE weft.outbox IS 'Events written with the state they tell of, one partition for each day (UTC). Published rows stay as history until their partition is dropped.';
COMMENT ON COLUMN weft.outbox.id IS 'Order in which rows were inserted, which is not the order in which they were committed; never a cursor';
COMMENT ON COLUMN weft.outbox.event_sequence IS '1, 2, 3, … per topic and aggregate: the order of commits';
COMMENT ON COLUMN weft.outbox.envelope IS 'The JSON that is sent, byte by byte; the relay only puts the five bytes of the Confluent format before it';
COMMENT ON COLUMN weft.outbox.headers IS 'Headers that are no columns: source, and from the request correlation-id, causation-id, idempotency-key, traceparent';
COMMENT ON COLUMN weft.outbox.shard IS 'FNV-1a of topic and aggregate_id, modulo 16: the unit that one relay leases';
COMMENT ON COLUMN weft.outbox.not_before IS 'After a refused attempt: when to try again; the aggregate waits';
COMMENT ON COLUMN weft.outbox.attempts IS 'How often the broker refused it. Outages are not counted';
COMMENT ON COLUMN weft.outbox.quarantined_at IS 'Set on a row that the broker refuses for good, and on those of its aggregate behind it';
COMMENT ON COLUMN weft.outbox.claim_epoch IS 'Epoch of the lease under which it was published';
COMMENT ON COLUMN weft.outbox.published_at IS 'When the broker had acknowledged it, by the clock of the database';

-- Two parts, each with the condition of its partial index: in one, PostgreSQL would read the history too.
CREATE VIEW weft.outbox_pending AS
  SELECT id, created_at, topic, aggregate_id, event_sequence, event_id, event_type, event_version, shard, not_before,
         attempts, last_error, quarantined_at, quarantine_reason
  FROM (
    SELECT * FROM weft.outbox WHERE published_at IS NULL AND quarantined_at IS NULL
    UNION ALL
    SELECT * FROM weft.outbox WHERE published_at IS NULL AND quarantined_at IS NOT NULL
  ) AS unpublished;
COMMENT ON VIEW weft.outbox_pending IS 'Events that are committed and not yet acknowledged by the broker, quarantined ones included';

CREATE TABLE weft.relays (
  owner text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE weft.relays IS 'Relays that are alive: their number says how many shards are a fair share';

CREATE TABLE weft.relay_leases (
  shard smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 15),
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
COMMENT ON TABLE weft.relay_leases IS 'Which relay sends the rows of which shard. epoch grows with each change of owner: a relay with an older one can neither claim nor mark';
COMMENT ON COLUMN weft.relay_leases.expires_at IS 'By the clock of the database, the only one that is asked';
INSERT INTO weft.relay_leases (shard) SELECT generate_series(0, 15);

-- One partition for each day. Attached rather than created as a partition: that takes no lock that writers wait for.
CREATE FUNCTION weft.ensure_outbox_partitions(days_ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
  day date;
  name text;
  created integer := 0;
BEGIN
  FOR day IN SELECT today + n FROM generate_series(0, days_ahead) AS n LOOP
    name := 'outbox_p' || to_char(day, 'YYYYMMDD');
    -- Not to_regclass: it may remember that there was none from before the wait for the lock.
    CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = 'weft'::regnamespace);
    PERFORM pg_advisory_xact_lock(hashtextextended('weft.ensure_outbox_partitions', 0));
    CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = 'weft'::regnamespace);
    EXECUTE format('CREATE TABLE weft.%I (LIKE weft.outbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', name);
    EXECUTE format(
      'ALTER TABLE weft.outbox ATTACH PARTITION weft.%I FOR VALUES FROM (%L) TO (%L)',
      name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
    created := created + 1;
  END LOOP;
  RETURN created;
END $$;
COMMENT ON FUNCTION weft.ensure_outbox_partitions IS 'Makes the partitions of today (UTC) and the days after, where they are missing';

SELECT weft.ensure_outbox_partitions(2);

-- Down Migration
DROP SCHEMA weft CASCADE;
