-- What every service's database holds beside its own tables.

-- Outbox: rows wait here from the business transaction until the relay has put them on the log.
-- Column names are Debezium's, so that a CDC connector could take the relay's place.
CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL,
  aggregatetype text NOT NULL,
  aggregateid text NOT NULL,
  type text NOT NULL,
  aggregate_version int NOT NULL,
  topic text NOT NULL,
  key bytea NOT NULL,
  headers text NOT NULL,
  payload bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Archive: what was published, for 30 days, to refill a lost log and to feed integrators. A partition a day.
CREATE TABLE outbox_archive (
  no bigint GENERATED ALWAYS AS IDENTITY,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  LIKE outbox
) PARTITION BY RANGE (published_at);
CREATE TABLE outbox_archive_rest PARTITION OF outbox_archive DEFAULT;
CREATE INDEX outbox_archive_no ON outbox_archive (no);
CREATE INDEX outbox_archive_id ON outbox_archive (id);

-- Inbox: an event id is recorded in the transaction of its handler, so its effect happens once.
CREATE TABLE inbox (
  consumer text NOT NULL,
  ce_source text NOT NULL,
  ce_id text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, ce_source, ce_id)
);
CREATE INDEX inbox_seen_at ON inbox (seen_at);

-- The last sequence heard of each aggregate, also for event types the consumer ignores.
CREATE TABLE inbox_sequence (
  consumer text NOT NULL,
  ce_source text NOT NULL,
  ce_subject text NOT NULL,
  sequence int NOT NULL,
  PRIMARY KEY (consumer, ce_source, ce_subject)
) WITH (fillfactor = 80);

-- Parking: a failing event stops its key only; later events of the key queue behind it.
CREATE TABLE parked_keys (
  consumer text NOT NULL,
  topic text NOT NULL,
  key bytea NOT NULL,
  parked_at timestamptz NOT NULL,
  PRIMARY KEY (consumer, topic, key)
);
CREATE TABLE parked_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  topic text NOT NULL,
  key bytea NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  event_id text,
  type text,
  headers text NOT NULL,
  value bytea,
  error_class text,
  error text,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  state text NOT NULL CHECK (state IN ('queued', 'retrying', 'waiting', 'done', 'skipped')),
  parked_at timestamptz NOT NULL,
  resolved_at timestamptz,
  resolved_by text,
  reason text,
  UNIQUE (consumer, topic, partition, "offset")
);
CREATE INDEX parked_events_open ON parked_events (consumer, topic, key, id) WHERE state IN ('queued', 'retrying', 'waiting');

-- Answers to requests that carried an Idempotency-Key; the answer itself is sealed.
CREATE TABLE idempotency (
  actor text NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  status int NOT NULL,
  location text,
  answer bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor, route, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);

-- Per-person data keys, wrapped by the master key, which is never in here.
CREATE TABLE data_key (
  owner uuid PRIMARY KEY,
  wrapped bytea NOT NULL,
  kek_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Audit: one row per read and change of a person's data, chained by hash, append-only for the app's role.
CREATE TABLE audit (
  no bigint NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  roles text[] NOT NULL,
  purpose text NOT NULL,
  source text NOT NULL,
  action text NOT NULL,
  about uuid[] NOT NULL,
  fields text[] NOT NULL,
  trace_id text NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (no, at)
) PARTITION BY RANGE (at);
CREATE TABLE audit_rest PARTITION OF audit DEFAULT;
CREATE INDEX audit_about ON audit USING gin (about);
CREATE TABLE audit_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  no bigint NOT NULL,
  hash bytea NOT NULL
);
INSERT INTO audit_head (no, hash) VALUES (0, '\x00');

-- When each job last ran, so that jobs survive restarts without running twice.
CREATE TABLE job_run (
  job text PRIMARY KEY,
  last_success timestamptz NOT NULL
);
