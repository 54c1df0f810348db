/*
 * What `resequence` works out, in temporary tables of one session, so that a topic of any size is held by PostgreSQL:
 *
 *   weft_begun       when the reading of the topic began: what was published since is on the topic too
 *   weft_published   what the topic holds of this publisher, in batches, as it was read
 *   weft_partitions  the first offset of each partition
 *   weft_readers     the positions of the consumers that could be asked
 *   weft_firsts      who had each sequence first
 *   weft_tops        of each aggregate, the highest sequence that is taken
 *   weft_chunk       the aggregates that are looked at now
 *   weft_plan        the rows of the outbox that must go out (again), and with which sequence
 */
export const tables = `
  CREATE TEMP TABLE weft_begun AS SELECT clock_timestamp() AS at;
  CREATE TEMP TABLE weft_published (
    topic text, aggregate_id text, event_sequence bigint, event_id text, partition integer, at_offset bigint);
  CREATE TEMP TABLE weft_partitions (topic text, partition integer, first_offset bigint);
  CREATE TEMP TABLE weft_readers (topic text, aggregate_id text, position bigint);
  CREATE TEMP TABLE weft_chunk (topic text, aggregate_id text, PRIMARY KEY (topic, aggregate_id))`;

export const addPublished = `
  INSERT INTO weft_published SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::bigint[])`;
export const addPartitions =
  "INSERT INTO weft_partitions SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])";
export const addReaders = "INSERT INTO weft_readers SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])";

/**
 * A relay sends 1, 2, 3, … so what it has sent is a chain without a hole, from 1 or from where retention has cut it. What
 * stands alone above it was sent by somebody else, or the topic has lost what was between.
 */
export const findTops = `
  CREATE TEMP TABLE weft_firsts AS
    SELECT DISTINCT ON (p.topic, p.aggregate_id, p.event_sequence) p.topic, p.aggregate_id, p.event_sequence, p.event_id
    FROM weft_published AS p
    JOIN (
      SELECT DISTINCT ON (p.topic, p.aggregate_id) p.topic, p.aggregate_id,
        CASE WHEN f.first_offset = 0 THEN 1 ELSE p.event_sequence END AS first_sequence
      FROM weft_published AS p JOIN weft_partitions AS f USING (topic, partition)
      ORDER BY p.topic, p.aggregate_id, p.at_offset
    ) AS begin USING (topic, aggregate_id)
    WHERE p.event_sequence >= begin.first_sequence
    ORDER BY p.topic, p.aggregate_id, p.event_sequence, p.at_offset;
  CREATE INDEX ON weft_firsts (topic, aggregate_id, event_sequence);
  ANALYZE weft_firsts;
  CREATE TEMP TABLE weft_tops AS
    WITH numbered AS (
      SELECT topic, aggregate_id, event_sequence,
        event_sequence - row_number() OVER (PARTITION BY topic, aggregate_id ORDER BY event_sequence) AS holes
      FROM weft_firsts
    ), chains AS (
      SELECT *, min(holes) OVER (PARTITION BY topic, aggregate_id) AS first_holes FROM numbered
    )
    SELECT topic, aggregate_id, max(top) AS top FROM (
      SELECT topic, aggregate_id, event_sequence AS top FROM chains WHERE holes = first_holes
      UNION ALL SELECT topic, aggregate_id, position FROM weft_readers
    ) AS taken GROUP BY topic, aggregate_id;
  ALTER TABLE weft_tops ADD PRIMARY KEY (topic, aggregate_id);
  ANALYZE weft_tops`;

export const chooseAll = `
  INSERT INTO weft_chunk SELECT topic, aggregate_id FROM weft_tops WHERE $1::text IS NULL OR aggregate_id = $1`;
export const chooseThese =
  "INSERT INTO weft_chunk SELECT * FROM unnest($1::text[], $2::text[]) AS k (topic, aggregate_id) ORDER BY 1, 2";

/**
 * Rows of the outbox that do not have their place on the topic: one whose sequence another event had first, one that waits
 * below the top, and all above the top, which readers have not seen. In the order of their ids, which within an aggregate is
 * that of the commits. `place` is for one after which others did go out: it belongs before those.
 */
export const plan = `
  CREATE TEMP TABLE weft_plan AS
  WITH found AS (
    SELECT o.id, o.created_at, o.topic, o.aggregate_id, o.event_sequence, o.published_at, t.top,
      coalesce(o.published_at > begun.at, false) OR CASE
        WHEN o.event_sequence > t.top THEN false
        WHEN f.event_id IS NOT NULL THEN f.event_id = o.event_id
        ELSE o.published_at IS NOT NULL END AS is_in_place,
      o.published_at > begun.at AS is_news
    FROM weft_begun AS begun CROSS JOIN weft_chunk AS c JOIN weft_tops AS t USING (topic, aggregate_id) JOIN weft.outbox AS o USING (topic, aggregate_id)
    LEFT JOIN weft_firsts AS f ON f.topic = o.topic AND f.aggregate_id = o.aggregate_id AND f.event_sequence = o.event_sequence
  ), lively AS (
    SELECT topic, aggregate_id, max(event_sequence) AS top FROM found WHERE is_news GROUP BY topic, aggregate_id
  ), followed AS (
    SELECT *, min(event_sequence) FILTER (WHERE is_in_place) OVER (
      PARTITION BY topic, aggregate_id ORDER BY id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS before
    FROM found
  ), numbered AS (
    SELECT f.*, greatest(f.top, l.top) + row_number() OVER (PARTITION BY f.topic, f.aggregate_id ORDER BY f.id) AS new_sequence
    FROM followed AS f LEFT JOIN lively AS l USING (topic, aggregate_id) WHERE NOT f.is_in_place
  )
  SELECT *, CASE WHEN before IS NOT NULL THEN before - 1
      + row_number() OVER (PARTITION BY topic, aggregate_id, before ORDER BY id)::double precision
      / (1 + count(*) OVER (PARTITION BY topic, aggregate_id, before)) END AS place
  FROM numbered`;

/** What must change in each aggregate, and only those in which something must. */
export const summary = `
  SELECT topic, aggregate_id AS "aggregateId", coalesce(a.last_sequence, 0)::float8 AS "lastSequence",
    greatest(t.top, p.last)::float8 AS "newLast", coalesce(p.changed, 0)::int AS events
  FROM weft_chunk JOIN weft_tops AS t USING (topic, aggregate_id)
  LEFT JOIN weft.aggregates AS a USING (topic, aggregate_id)
  LEFT JOIN (
    SELECT topic, aggregate_id, max(new_sequence) AS last,
      count(*) FILTER (WHERE new_sequence <> event_sequence OR published_at IS NOT NULL) AS changed
    FROM weft_plan GROUP BY topic, aggregate_id
  ) AS p USING (topic, aggregate_id)
  WHERE coalesce(p.changed, 0) > 0 OR greatest(t.top, p.last) > coalesce(a.last_sequence, 0)
  ORDER BY topic, aggregate_id`;

export const lockAggregates = `
  INSERT INTO weft.aggregates AS a (topic, aggregate_id) SELECT topic, aggregate_id FROM weft_chunk ORDER BY topic, aggregate_id
  ON CONFLICT (topic, aggregate_id) DO UPDATE SET last_sequence = a.last_sequence`;

export const renumber = `
  UPDATE weft.outbox AS o SET event_sequence = p.new_sequence, published_at = NULL, claim_epoch = NULL, not_before = NULL,
    headers = CASE WHEN p.place IS NULL THEN o.headers - 'event-place'
      ELSE o.headers || jsonb_build_object('event-place', p.place::text) END
  FROM weft_plan AS p
  WHERE o.id = p.id AND o.created_at = p.created_at
    AND (p.new_sequence <> p.event_sequence OR p.published_at IS NOT NULL)`;

export const setCounters = `
  UPDATE weft.aggregates AS a SET last_sequence = greatest(a.last_sequence, t.top, p.last)
  FROM weft_chunk AS c JOIN weft_tops AS t USING (topic, aggregate_id)
  LEFT JOIN (SELECT topic, aggregate_id, max(new_sequence) AS last FROM weft_plan GROUP BY topic, aggregate_id) AS p
    USING (topic, aggregate_id)
  WHERE a.topic = c.topic AND a.aggregate_id = c.aggregate_id`;
