-- Up Migration

CREATE TABLE weft.inbox (
  consumer text NOT NULL,
  event_id text NOT NULL,
  topic text NOT NULL,
  event_type text NOT NULL,
  aggregate_id text NOT NULL,
  event_sequence bigint,
  source_partition integer NOT NULL,
  source_offset bigint NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_applied_at ON weft.inbox USING brin (applied_at);
COMMENT ON TABLE weft.inbox IS 'One row for each event whose effect is in this database, written in the transaction of the effect. Kept at least 30 days';
COMMENT ON COLUMN weft.inbox.consumer IS 'The consumer group';
COMMENT ON COLUMN weft.inbox.event_sequence IS 'Absent for producers that claim no order; those are deduplicated by event_id, so for as long as the row is kept';

CREATE TABLE weft.inbox_positions (
  consumer text NOT NULL,
  topic text NOT NULL,
  aggregate_id text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (consumer, topic, aggregate_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE weft.inbox_positions IS 'Highest event_sequence that a consumer has handled of an aggregate. At or below it an event is a duplicate, unless it has a row in weft.inbox_gaps';

CREATE TABLE weft.inbox_gaps (
  consumer text NOT NULL,
  topic text NOT NULL,
  aggregate_id text NOT NULL,
  event_sequence bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('parked', 'dead', 'skipped')),
  event_id text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, topic, aggregate_id, event_sequence)
);
COMMENT ON TABLE weft.inbox_gaps IS 'Events at or below the position that have had no effect: they may still come';
COMMENT ON COLUMN weft.inbox_gaps.reason IS 'parked: waits to be tried again. dead: in the dead-letter topic. skipped: a later event came, and this one had not';

CREATE VIEW weft.inbox_effects AS
  SELECT consumer, topic, event_type, event_id, aggregate_id, event_sequence, applied_at FROM weft.inbox;
COMMENT ON VIEW weft.inbox_effects IS 'Each event that had its effect, once for each consumer';

-- Notes in the inbox that an event is being applied; false where it was already. The position's row stays locked until
-- the transaction ends, so the same event at the same moment waits here for the outcome of the first.
CREATE FUNCTION weft.inbox_accept(
  in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint,
  in_event_id text, in_event_type text, in_partition integer, in_offset bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF in_sequence IS NOT NULL AND NOT weft.inbox_advance(in_consumer, in_topic, in_aggregate_id, in_sequence) THEN
    DELETE FROM weft.inbox_gaps AS gap
    WHERE gap.consumer = in_consumer AND gap.topic = in_topic AND gap.aggregate_id = in_aggregate_id
      AND gap.event_sequence = in_sequence;
    IF NOT FOUND THEN RETURN false; END IF;
  END IF;
  INSERT INTO weft.inbox (consumer, event_id, topic, event_type, aggregate_id, event_sequence, source_partition, source_offset)
  VALUES (in_consumer, in_event_id, in_topic, in_event_type, in_aggregate_id, in_sequence, in_partition, in_offset)
  ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

-- Moves the position forward to a sequence and notes what it jumps over; false where it was there already.
CREATE FUNCTION weft.inbox_advance(in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  before bigint;
BEGIN
  INSERT INTO weft.inbox_positions (consumer, topic, aggregate_id, position)
  VALUES (in_consumer, in_topic, in_aggregate_id, 0) ON CONFLICT DO NOTHING;
  SELECT p.position INTO before FROM weft.inbox_positions AS p
  WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id FOR UPDATE;
  IF before >= in_sequence THEN RETURN false; END IF;
  UPDATE weft.inbox_positions AS p SET position = in_sequence
  WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id;
  -- A group may begin far into an aggregate's life: at most the last 1000 are kept open.
  IF before + 1 < in_sequence THEN
    INSERT INTO weft.inbox_gaps (consumer, topic, aggregate_id, event_sequence, reason)
    SELECT in_consumer, in_topic, in_aggregate_id, n, 'skipped'
    FROM generate_series(greatest(before + 1, in_sequence - 1000), in_sequence - 1) AS n;
  END IF;
  RETURN true;
END $$;

-- Keeps the place of an event that had no effect.
CREATE FUNCTION weft.inbox_keep_gap(
  in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint, in_event_id text, in_reason text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF weft.inbox_advance(in_consumer, in_topic, in_aggregate_id, in_sequence) THEN
    INSERT INTO weft.inbox_gaps (consumer, topic, aggregate_id, event_sequence, reason, event_id)
    VALUES (in_consumer, in_topic, in_aggregate_id, in_sequence, in_reason, in_event_id);
  ELSE
    -- Without a gap it has been applied: nothing to keep.
    UPDATE weft.inbox_gaps AS gap SET reason = in_reason, event_id = in_event_id
    WHERE gap.consumer = in_consumer AND gap.topic = in_topic AND gap.aggregate_id = in_aggregate_id
      AND gap.event_sequence = in_sequence;
  END IF;
END $$;

-- Down Migration
DROP FUNCTION weft.inbox_keep_gap, weft.inbox_accept, weft.inbox_advance;
DROP VIEW weft.inbox_effects;
DROP TABLE weft.inbox_gaps, weft.inbox_positions, weft.inbox;
