-- Up Migration

CREATE TABLE weft.idempotency_keys (
  subject text NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  status smallint NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (subject, route, key)
);
CREATE INDEX idempotency_keys_expires_at ON weft.idempotency_keys (expires_at);
COMMENT ON TABLE weft.idempotency_keys IS 'Answers to requests with an Idempotency-Key, each written in the transaction of its effect';
COMMENT ON COLUMN weft.idempotency_keys.subject IS 'Whose key it is: keys of different subjects are independent';
COMMENT ON COLUMN weft.idempotency_keys.fingerprint IS 'Hash of the path''s values and the body';
COMMENT ON COLUMN weft.idempotency_keys.body IS 'JSON of the answer, as it was given';
COMMENT ON COLUMN weft.idempotency_keys.expires_at IS 'After this the key counts as new';

-- Down Migration
DROP TABLE weft.idempotency_keys;
