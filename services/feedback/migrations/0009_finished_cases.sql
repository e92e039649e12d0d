-- Finished treatments as they were last counted, one row a measure and version: shared totals alone.
-- Made anew as a whole (commands/counting.py); nothing in them is the only copy.
CREATE TABLE finished_case (
  client_id uuid NOT NULL,
  ended_at timestamptz NOT NULL,
  measure_id text NOT NULL,
  measure_version int NOT NULL,
  sessions int NOT NULL,
  numbers int[] NOT NULL,
  totals double precision[] NOT NULL,
  PRIMARY KEY (client_id, measure_id, measure_version, ended_at)
);

-- The same cases by where they began, counted: what one request for a curve reads.
-- low: NULL in the band where the scale begins. sessions: [[how many, cases]]. totals: [[session, total, cases]].
CREATE TABLE similar_cases (
  measure_id text NOT NULL,
  measure_version int NOT NULL,
  low double precision,
  n int NOT NULL,
  sessions jsonb NOT NULL,
  totals jsonb NOT NULL,
  made_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (measure_id, measure_version, low)
);
