-- Who supervises whom, with its history: a pair that ended keeps its row, and a new one begins another.
CREATE TABLE supervision (
  id uuid PRIMARY KEY,
  supervisor_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  from_at timestamptz NOT NULL,
  until_at timestamptz,
  begun_by uuid,
  ended_by uuid,
  CHECK (supervisor_id <> practitioner_id),
  CHECK (until_at >= from_at)
);
CREATE UNIQUE INDEX supervision_current ON supervision (practitioner_id, supervisor_id) WHERE until_at IS NULL;
CREATE INDEX supervision_supervisor ON supervision (supervisor_id) WHERE until_at IS NULL;

-- What supervisor and therapist agreed on about one client; words are sealed under the client's key.
CREATE TABLE supervision_point (
  id uuid PRIMARY KEY,
  supervisor_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  client_id uuid NOT NULL,
  week text NOT NULL CHECK (week ~ '^[0-9]{4}-W[0-9]{2}$'),
  code text NOT NULL,
  words bytea,
  noted_at timestamptz NOT NULL
);
CREATE INDEX supervision_point_practitioner ON supervision_point (practitioner_id, noted_at);

-- A weekly pack asks by practitioner and time.
CREATE INDEX episode_practitioner ON episode (practitioner_id, noticed_at);
