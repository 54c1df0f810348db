-- Up Migration

COMMENT ON COLUMN weft.outbox.headers IS 'Headers that are no columns: source, and what crosses a commit of the call context (docs/call-context.md)';

ALTER TABLE weft.inbox_positions
  ADD COLUMN numbered_from bigint NOT NULL DEFAULT 1,
  ADD COLUMN source_partition integer,
  ADD COLUMN source_offset bigint;
COMMENT ON TABLE weft.inbox_positions IS 'Highest event_sequence that a consumer has read of an aggregate. At or below it an event whose id is in weft.inbox is a duplicate; one whose place is open (weft.inbox_gaps, weft.inbox_passed) has its effect; any other carries a sequence that another event has had';
COMMENT ON COLUMN weft.inbox_positions.numbered_from IS 'From here on each sequence up to the position is accounted for. Below it the group has not read, or no longer knows: there only ids tell what has come before';
COMMENT ON COLUMN weft.inbox_positions.source_offset IS 'Where the position was read; absent where a version before this column wrote it';

CREATE TABLE weft.inbox_passed (
  consumer text NOT NULL,
  topic text NOT NULL,
  aggregate_id text NOT NULL,
  event_sequence bigint NOT NULL,
  event_id text,
  passed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, topic, aggregate_id, event_sequence)
);
CREATE INDEX inbox_passed_passed_at ON weft.inbox_passed USING brin (passed_at);
COMMENT ON TABLE weft.inbox_passed IS 'Events of types that the consumer does not take: they have a place in the order of their aggregate, and no effect. Kept as long as weft.inbox';

CREATE TABLE weft.inbox_refused (
  consumer text NOT NULL,
  event_id text NOT NULL,
  topic text NOT NULL,
  aggregate_id text NOT NULL,
  event_sequence bigint NOT NULL,
  position bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('reused', 'jumped')),
  refused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, event_id)
);
COMMENT ON TABLE weft.inbox_refused IS 'Events whose sequence cannot be right; each is a dead letter. The row goes when the event has its effect under another sequence (weft outbox resequence), or after as long as weft.inbox keeps its rows. It may be deleted by hand';
COMMENT ON COLUMN weft.inbox_refused.position IS 'The position of the aggregate then';
COMMENT ON COLUMN weft.inbox_refused.reason IS 'reused: another event had this sequence. jumped: it is more than one above the position, and the group had read everything before it';

CREATE TABLE weft.inbox_partitions (
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  read_from bigint NOT NULL,
  unread_from bigint,
  unread bigint NOT NULL DEFAULT 0,
  unread_at timestamptz,
  PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE weft.inbox_partitions IS 'How far a consumer has read each partition, as this database knows it: written before the group commits its offset, so never behind it, unless this database went back';
COMMENT ON COLUMN weft.inbox_partitions.read_from IS 'From here on every record was read without a break';
COMMENT ON COLUMN weft.inbox_partitions.unread IS 'Records that the group passed over and this database never saw, the first of them at unread_from; 0 after they were read';

CREATE TABLE weft.inbox_rows (
  table_name text NOT NULL,
  part text NOT NULL,
  row_key text[] NOT NULL,
  place double precision NOT NULL,
  PRIMARY KEY (table_name, part, row_key)
) WITH (fillfactor = 80);
COMMENT ON TABLE weft.inbox_rows IS 'Which event wrote a projected row last, by its place in the order of its aggregate: a later one may write over it, an earlier one that comes late may not';
COMMENT ON COLUMN weft.inbox_rows.part IS 'Columns that are written by events of their own have a place of their own';

CREATE TABLE weft.operations (
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  action text NOT NULL,
  selector text NOT NULL,
  matched bigint NOT NULL,
  done bigint NOT NULL
);
COMMENT ON TABLE weft.operations IS 'What operators changed here by hand, one row for each command that acted';

-- Moves the position of an aggregate to a sequence, or says what stands against that. The position's row stays locked until
-- the transaction ends, so the same event at the same moment waits here for the outcome of the first.
--   next       the position was moved to it
--   open       at or below the position, in a place that is free: what kept the place is taken away
--   duplicate  it has had its effect, or is so old that its row in the inbox may be gone
--   reused     another event had this sequence
--   jumped     more than one above the position, and the group has read all that lies between
CREATE FUNCTION weft.inbox_place(
  in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint, in_event_id text,
  in_partition integer, in_offset bigint, in_at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  was weft.inbox_positions;
  gap weft.inbox_gaps;
  -- Rows of the inbox stay for 30 days; the day is for clocks that differ.
  is_remembered boolean := in_at > clock_timestamp() - interval '29 days';
BEGIN
  INSERT INTO weft.inbox_positions (consumer, topic, aggregate_id, position)
  VALUES (in_consumer, in_topic, in_aggregate_id, 0) ON CONFLICT DO NOTHING;
  SELECT * INTO was FROM weft.inbox_positions AS p
  WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id FOR UPDATE;

  IF in_sequence > was.position THEN
    IF in_sequence > was.position + 1 AND NOT weft.inbox_may_jump(was, in_event_id, in_partition, in_offset) THEN
      RETURN 'jumped';
    END IF;
    -- What lies between may still come. At most 1000 places are kept open; below them ids decide, and so they do below the
    -- place at which the group met the aggregate.
    UPDATE weft.inbox_positions AS p
    SET position = in_sequence, source_partition = in_partition, source_offset = in_offset,
      numbered_from = CASE WHEN was.position = 0 THEN in_sequence
        WHEN in_sequence - 1000 > was.position + 1 THEN in_sequence - 1000 ELSE was.numbered_from END
    WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id;
    IF was.position > 0 THEN
      INSERT INTO weft.inbox_gaps (consumer, topic, aggregate_id, event_sequence, reason)
      SELECT in_consumer, in_topic, in_aggregate_id, n, 'skipped'
      FROM generate_series(greatest(was.position + 1, in_sequence - 1000), in_sequence - 1) AS n;
    END IF;
    RETURN 'next';
  END IF;

  SELECT * INTO gap FROM weft.inbox_gaps AS g
  WHERE g.consumer = in_consumer AND g.topic = in_topic AND g.aggregate_id = in_aggregate_id
    AND g.event_sequence = in_sequence;
  IF gap.event_id <> in_event_id AND is_remembered THEN RETURN 'reused'; END IF; -- the place is kept for another event
  IF gap.consumer IS NOT NULL THEN
    DELETE FROM weft.inbox_gaps AS g
    WHERE g.consumer = in_consumer AND g.topic = in_topic AND g.aggregate_id = in_aggregate_id
      AND g.event_sequence = in_sequence;
    RETURN 'open';
  END IF;
  DELETE FROM weft.inbox_passed AS p
  WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id
    AND p.event_sequence = in_sequence;
  IF FOUND THEN RETURN 'open'; END IF;
  IF EXISTS (SELECT FROM weft.inbox AS i WHERE i.consumer = in_consumer AND i.event_id = in_event_id)
    OR NOT is_remembered THEN RETURN 'duplicate'; END IF;
  RETURN CASE WHEN in_sequence < was.numbered_from THEN 'open' ELSE 'reused' END;
END $$;
COMMENT ON FUNCTION weft.inbox_place IS 'What the sequence of an event says of it, given what this consumer has read; moves the position where the event is the next one';

-- The relay sends 1, 2, 3, … of each aggregate to one partition, so a place can only be missing where the group did not read
-- everything since the last one: it began or went on somewhere in the middle, or the aggregate moved to another partition.
CREATE FUNCTION weft.inbox_may_jump(was weft.inbox_positions, in_event_id text, in_partition integer, in_offset bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  read_from bigint;
BEGIN
  IF EXISTS (SELECT FROM weft.inbox_refused AS r WHERE r.consumer = was.consumer AND r.event_id = in_event_id
             AND r.reason = 'jumped') THEN RETURN false; END IF; -- it is read again
  SELECT p.read_from INTO read_from FROM weft.inbox_partitions AS p
  WHERE p.consumer = was.consumer AND p.topic = was.topic AND p.partition = in_partition;
  IF read_from IS NULL THEN RETURN true; END IF;
  IF was.position = 0 THEN RETURN read_from > 0; END IF;
  RETURN was.source_offset IS NULL OR was.source_partition <> in_partition
    OR was.source_offset < read_from OR in_offset < was.source_offset;
END $$;

-- Notes in the inbox that an event is being applied. Answers applied, duplicate, reused or jumped; only after the first does
-- the caller let the effect happen.
CREATE FUNCTION weft.inbox_take(
  in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint, in_event_id text, in_event_type text,
  in_partition integer, in_offset bigint, in_at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  place text := 'open';
BEGIN
  IF in_sequence IS NOT NULL THEN
    place := weft.inbox_place(in_consumer, in_topic, in_aggregate_id, in_sequence, in_event_id, in_partition, in_offset, in_at);
  END IF;
  IF place IN ('reused', 'jumped') THEN
    INSERT INTO weft.inbox_refused (consumer, event_id, topic, aggregate_id, event_sequence, position, reason)
    SELECT in_consumer, in_event_id, in_topic, in_aggregate_id, in_sequence, p.position, place
    FROM weft.inbox_positions AS p
    WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id
    ON CONFLICT DO NOTHING;
    RETURN place;
  END IF;
  IF place = 'duplicate' THEN RETURN place; END IF;
  INSERT INTO weft.inbox (consumer, event_id, topic, event_type, aggregate_id, event_sequence, source_partition, source_offset)
  VALUES (in_consumer, in_event_id, in_topic, in_event_type, in_aggregate_id, in_sequence, in_partition, in_offset)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 'duplicate'; END IF;
  DELETE FROM weft.inbox_refused AS r WHERE r.consumer = in_consumer AND r.event_id = in_event_id;
  RETURN 'applied';
END $$;

-- Keeps the place of an event that had no effect. A place that is only claimed (skipped: nothing of the record but its
-- headers could be read) is kept for whoever comes, and only where it is the next one.
CREATE FUNCTION weft.inbox_keep_place(
  in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint, in_event_id text,
  in_partition integer, in_offset bigint, in_at timestamptz, in_reason text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF in_reason = 'skipped' AND in_sequence <> 1 + coalesce((
    SELECT p.position FROM weft.inbox_positions AS p
    WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id
  ), 0) THEN RETURN; END IF;
  IF weft.inbox_place(in_consumer, in_topic, in_aggregate_id, in_sequence, in_event_id, in_partition, in_offset, in_at)
    NOT IN ('next', 'open') THEN RETURN; END IF;
  INSERT INTO weft.inbox_gaps (consumer, topic, aggregate_id, event_sequence, reason, event_id)
  VALUES (in_consumer, in_topic, in_aggregate_id, in_sequence, in_reason,
    CASE WHEN in_reason = 'skipped' THEN NULL ELSE in_event_id END);
END $$;

-- Notes an event that the consumer does not take.
CREATE FUNCTION weft.inbox_pass(
  in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint, in_event_id text,
  in_partition integer, in_offset bigint, in_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF weft.inbox_place(in_consumer, in_topic, in_aggregate_id, in_sequence, in_event_id, in_partition, in_offset, in_at)
    NOT IN ('next', 'open') THEN RETURN; END IF;
  INSERT INTO weft.inbox_passed (consumer, topic, aggregate_id, event_sequence, event_id)
  VALUES (in_consumer, in_topic, in_aggregate_id, in_sequence, in_event_id) ON CONFLICT DO NOTHING;
END $$;

-- Whether an event may write a projected row: not where a later one of its aggregate has. Without a place it always may.
CREATE FUNCTION weft.inbox_may_write(in_table text, in_part text, in_key text[], in_place double precision)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF in_place IS NULL THEN RETURN true; END IF;
  INSERT INTO weft.inbox_rows AS r (table_name, part, row_key, place) VALUES (in_table, in_part, in_key, in_place)
  ON CONFLICT (table_name, part, row_key) DO UPDATE SET place = excluded.place WHERE excluded.place > r.place;
  RETURN FOUND;
END $$;

-- What is not as it should be, for health, metrics and `weft doctor`.
CREATE VIEW weft.inbox_troubles AS
  SELECT consumer, reason AS trouble, topic, count(*) AS events, min(aggregate_id) AS example
  FROM weft.inbox_gaps GROUP BY consumer, reason, topic
  UNION ALL
  SELECT consumer, reason, topic, count(*), min(aggregate_id) FROM weft.inbox_refused GROUP BY consumer, reason, topic
  UNION ALL
  SELECT consumer, 'unread', topic, sum(unread)::bigint, NULL FROM weft.inbox_partitions
  WHERE unread > 0 AND unread_at > now() - interval '30 days' GROUP BY consumer, topic;
COMMENT ON VIEW weft.inbox_troubles IS 'By consumer and topic: gaps (parked, dead, skipped), refused events (reused, jumped), and records that were passed over (unread)';

-- Processes of an earlier version call inbox_accept and inbox_keep_gap until they are replaced, and note no event that they
-- do not take: of a position that they move it is not known what came before.
CREATE OR REPLACE FUNCTION weft.inbox_advance(in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  before bigint;
BEGIN
  INSERT INTO weft.inbox_positions (consumer, topic, aggregate_id, position)
  VALUES (in_consumer, in_topic, in_aggregate_id, 0) ON CONFLICT DO NOTHING;
  SELECT p.position INTO before FROM weft.inbox_positions AS p
  WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id FOR UPDATE;
  IF before >= in_sequence THEN RETURN false; END IF;
  UPDATE weft.inbox_positions AS p SET position = in_sequence, source_offset = NULL
  WHERE p.consumer = in_consumer AND p.topic = in_topic AND p.aggregate_id = in_aggregate_id;
  -- A group may begin far into an aggregate's life: at most the last 1000 are kept open.
  IF before + 1 < in_sequence THEN
    INSERT INTO weft.inbox_gaps (consumer, topic, aggregate_id, event_sequence, reason)
    SELECT in_consumer, in_topic, in_aggregate_id, n, 'skipped'
    FROM generate_series(greatest(before + 1, in_sequence - 1000), in_sequence - 1) AS n;
  END IF;
  RETURN true;
END $$;

-- Down Migration
DROP VIEW weft.inbox_troubles;
DROP FUNCTION weft.inbox_may_write, weft.inbox_pass, weft.inbox_keep_place, weft.inbox_take,
  weft.inbox_may_jump, weft.inbox_place;
DROP TABLE weft.operations, weft.inbox_rows, weft.inbox_partitions, weft.inbox_refused, weft.inbox_passed;
ALTER TABLE weft.inbox_positions DROP COLUMN numbered_from, DROP COLUMN source_partition, DROP COLUMN source_offset;
CREATE OR REPLACE FUNCTION weft.inbox_advance(in_consumer text, in_topic text, in_aggregate_id text, in_sequence bigint)
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
