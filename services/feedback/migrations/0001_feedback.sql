-- What feedback keeps: what it hears about people and hours, and what clients and therapists say.

-- Heard from intake. No name ever reaches this database.
CREATE TABLE client (
  client_id uuid PRIMARY KEY,
  spoken_code text,
  registered_at timestamptz
);

CREATE TABLE consent (
  client_id uuid NOT NULL,
  purpose text NOT NULL,
  state text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, purpose)
);

CREATE TABLE allocation (
  allocation_id uuid PRIMARY KEY,
  client_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  allocated_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text
);
-- One therapist at a time; who is in nobody's caseload is seen by no therapist.
CREATE UNIQUE INDEX allocation_current ON allocation (client_id) WHERE ended_at IS NULL;
CREATE INDEX allocation_caseload ON allocation (practitioner_id, client_id) WHERE ended_at IS NULL;
CREATE INDEX allocation_client ON allocation (client_id);

-- Heard from scheduling. `sequence` guards against an older fact that arrives late.
CREATE TABLE hour (
  appointment_id uuid PRIMARY KEY,
  client_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  modality text,
  status text NOT NULL CHECK (status IN ('booked', 'held', 'missed', 'cancelled')),
  sequence int NOT NULL
);
CREATE INDEX hour_pair ON hour (client_id, practitioner_id, starts_at);

-- A course: one client, one therapist, one measure. `version` counts its events.
-- state, sentence and the rest: how things stand after the latest reading.
CREATE TABLE course (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  measure_id text NOT NULL,
  measure_version int NOT NULL,
  rules_version text NOT NULL,
  version int NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'steady',
  sentence jsonb NOT NULL DEFAULT '{"template": "not_started", "params": {}, "next_step": "none"}',
  too_early boolean NOT NULL DEFAULT true,
  sessions int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  UNIQUE (client_id, practitioner_id, measure_id)
);
CREATE INDEX course_practitioner ON course (practitioner_id);

-- A form offered to one side about one session. `version` counts its events.
CREATE TABLE offer (
  id uuid PRIMARY KEY,
  version int NOT NULL DEFAULT 1,
  course_id uuid NOT NULL REFERENCES course,
  client_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  appointment_id uuid NOT NULL REFERENCES hour,
  side text NOT NULL CHECK (side IN ('client', 'therapist')),
  measure_id text NOT NULL,
  measure_version int NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'received', 'unanswered', 'withdrawn')),
  missing_reason text,
  wish_id uuid,
  offered_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  closed_at timestamptz,
  CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE UNIQUE INDEX offer_once ON offer (appointment_id, side) WHERE state <> 'withdrawn';
CREATE INDEX offer_open ON offer (expires_at) WHERE state = 'open';
CREATE INDEX offer_course ON offer (course_id, appointment_id);
CREATE INDEX offer_client ON offer (client_id);

-- One-time links: only hashes of the token and of the handle it is exchanged for.
CREATE TABLE link (
  id uuid PRIMARY KEY,
  offer_id uuid NOT NULL REFERENCES offer,
  token_hash bytea NOT NULL UNIQUE,
  handle_hash bytea UNIQUE,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  exchanged_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX link_offer ON link (offer_id) WHERE ended_at IS NULL;

-- A form half filled in; sealed, and gone when it is sent.
CREATE TABLE draft (
  offer_id uuid PRIMARY KEY REFERENCES offer,
  answers bytea NOT NULL,
  saved_at timestamptz NOT NULL
);

-- One filled-in form. Free text is sealed in `wish`, nothing else here was typed in words.
-- visible_from: when the therapist may see it (NULL: not shared). shown: part of the reading.
CREATE TABLE checkin (
  offer_id uuid PRIMARY KEY REFERENCES offer,
  client_id uuid NOT NULL,
  side text NOT NULL,
  channel text NOT NULL,
  entered_by uuid,
  answers jsonb NOT NULL,
  total double precision,
  answered int NOT NULL,
  scoring_rule text NOT NULL,
  said text,
  talked text,
  sharing text NOT NULL,
  visible_from timestamptz,
  shown boolean NOT NULL,
  blind boolean NOT NULL,
  recorded_at timestamptz NOT NULL,
  released_at timestamptz,
  released_by uuid
);
CREATE INDEX checkin_waiting ON checkin (visible_from) WHERE NOT shown AND visible_from IS NOT NULL;

-- Readings are superseded, never erased: what was said when can always be seen again.
CREATE TABLE reading (
  id uuid PRIMARY KEY,
  course_id uuid NOT NULL REFERENCES course,
  appointment_id uuid NOT NULL,
  session_number int NOT NULL,
  state text NOT NULL,
  signals text[] NOT NULL,
  detail jsonb NOT NULL,
  rules_version text NOT NULL,
  read_at timestamptz NOT NULL,
  superseded_at timestamptz
);
CREATE UNIQUE INDEX reading_current ON reading (course_id, appointment_id) WHERE superseded_at IS NULL;

-- A rupture and what became of it. `version` counts its changes, `told` its events.
CREATE TABLE episode (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  told int NOT NULL,
  course_id uuid NOT NULL REFERENCES course,
  client_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  state text NOT NULL,
  opened_session int NOT NULL,
  opened_appointment uuid NOT NULL,
  opened_at timestamptz NOT NULL,
  opened_by text[] NOT NULL,
  lead_in_session int,
  m_pre double precision,
  s_pre double precision,
  lowest double precision,
  verdict text,
  checkins int NOT NULL,
  closed_session int,
  closed_at timestamptz,
  close_reason text,
  late boolean NOT NULL,
  conversation_held_on date,
  conversation_noted_by uuid,
  noticed_at timestamptz NOT NULL,
  CHECK ((closed_at IS NULL) = (close_reason IS NULL))
);
CREATE INDEX episode_course ON episode (course_id);
CREATE UNIQUE INDEX episode_open ON episode (course_id) WHERE closed_at IS NULL;

-- What a person decided about a course; the reader takes it up where it stands in time.
CREATE TABLE decision (
  id uuid PRIMARY KEY,
  course_id uuid NOT NULL REFERENCES course,
  kind text NOT NULL CHECK (kind IN ('closed', 'restarted')),
  reason text NOT NULL,
  role text NOT NULL,
  decided_by uuid,
  decided_at timestamptz NOT NULL
);
CREATE INDEX decision_course ON decision (course_id);

-- A wish for next time, in the client's own words, closed by the client.
CREATE TABLE wish (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL,
  course_id uuid NOT NULL REFERENCES course,
  offer_id uuid NOT NULL UNIQUE REFERENCES offer,
  words bytea NOT NULL,
  readers text NOT NULL CHECK (readers IN ('therapist', 'supervision')),
  state text NOT NULL CHECK (state IN ('kept_back', 'open', 'done', 'better', 'replaced')),
  asked_again int NOT NULL DEFAULT 0,
  closed_at timestamptz
);
CREATE UNIQUE INDEX wish_open ON wish (course_id) WHERE state = 'open';

-- Whom to turn to in a crisis, as the clinic entered it; the newest entry counts.
CREATE TABLE crisis_information (
  id uuid PRIMARY KEY,
  entries jsonb NOT NULL,
  checked_on date NOT NULL,
  review_on date NOT NULL,
  entered_at timestamptz NOT NULL,
  entered_by uuid
);
