-- Collection: which measures are offered when, packets, kiosks, corrections, reminders, risk answers.

-- Intake counts its facts about a client in one sequence: it orders them, not the clocks that stamped them.
-- 0: heard before this was kept; such rows are still told apart by their time.
ALTER TABLE consent ADD COLUMN sequence int NOT NULL DEFAULT 0;
ALTER TABLE allocation ADD COLUMN sequence int NOT NULL DEFAULT 0;

-- Measures offered before a session are considered once per planned time of it.
ALTER TABLE hour ADD COLUMN before_considered boolean NOT NULL DEFAULT false;
CREATE INDEX hour_ahead ON hour (starts_at) WHERE status = 'booked' AND NOT before_considered;

-- moment: offered before or after the session. way: filled in as a form, or entered from paper.
-- place: its place in the packet. reminder: due or done, NULL when none was due.
ALTER TABLE offer ADD COLUMN moment text NOT NULL DEFAULT 'after' CHECK (moment IN ('before', 'after'));
ALTER TABLE offer ADD COLUMN way text NOT NULL DEFAULT 'form' CHECK (way IN ('form', 'paper'));
ALTER TABLE offer ADD COLUMN place int NOT NULL DEFAULT 0;
ALTER TABLE offer ADD COLUMN reminder text CHECK (reminder IN ('due', 'done'));
ALTER TABLE offer ADD COLUMN reminder_due_at timestamptz;
ALTER TABLE offer ADD COLUMN reminded_at timestamptz;
DROP INDEX offer_once;
CREATE UNIQUE INDEX offer_once ON offer (appointment_id, side, measure_id) WHERE state <> 'withdrawn';
CREATE INDEX offer_reminded ON offer (client_id, reminder_due_at) WHERE reminder IS NOT NULL;

ALTER TABLE link ADD COLUMN channel text NOT NULL DEFAULT 'link' CHECK (channel IN ('link', 'kiosk'));

-- The clinic's plan; every version is kept, the newest counts.
CREATE TABLE plan (
  version int PRIMARY KEY,
  entries jsonb NOT NULL,
  reminders boolean NOT NULL,
  risk_due_hours int NOT NULL,
  zone text NOT NULL,
  entered_at timestamptz NOT NULL,
  entered_by uuid
);

-- What one client's plan does differently.
CREATE TABLE client_plan (
  client_id uuid NOT NULL,
  version int NOT NULL,
  added jsonb NOT NULL,
  left_out text[] NOT NULL,
  last_session_on date,
  entered_at timestamptz NOT NULL,
  entered_by uuid,
  PRIMARY KEY (client_id, version)
);

-- Tablets in the waiting room. Wrong codes are counted here, so that they count over all processes.
CREATE TABLE kiosk (
  id uuid PRIMARY KEY,
  label text NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  enrolled_at timestamptz NOT NULL,
  enrolled_by uuid,
  ended_at timestamptz,
  wrong_in_a_row int NOT NULL DEFAULT 0,
  paused_until timestamptz,
  last_used_at timestamptz
);

-- One-time codes for a kiosk. Six digits are soon guessed, hashed or not: what protects them is that they live
-- for half an hour, open a form only on an enrolled kiosk, and that a kiosk pauses after a few wrong ones.
CREATE TABLE code (
  id uuid PRIMARY KEY,
  offer_id uuid NOT NULL REFERENCES offer,
  code_hash bytea NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX code_current ON code (code_hash) WHERE ended_at IS NULL;
CREATE INDEX code_offer ON code (offer_id) WHERE ended_at IS NULL;

-- A correction makes a new version; what stood there before stays readable.
ALTER TABLE checkin ADD COLUMN version int NOT NULL DEFAULT 1;
ALTER TABLE checkin ADD COLUMN subscales jsonb;
ALTER TABLE checkin ADD COLUMN total_only boolean NOT NULL DEFAULT false;
CREATE TABLE checkin_version (
  offer_id uuid NOT NULL REFERENCES checkin,
  version int NOT NULL,
  answers jsonb NOT NULL,
  total double precision,
  subscales jsonb,
  answered int NOT NULL,
  scoring_rule text NOT NULL,
  superseded_at timestamptz NOT NULL,
  superseded_by uuid,
  reason text NOT NULL,
  PRIMARY KEY (offer_id, version)
);

-- An answer that a person has to read by a time; codes and numbers, never words. Who may see the other answers
-- of the form makes no difference here. due_at is NULL where a question was only left open.
CREATE TABLE risk_answer (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  offer_id uuid NOT NULL REFERENCES offer,
  client_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  measure_id text NOT NULL,
  measure_version int NOT NULL,
  raised jsonb NOT NULL,
  unanswered text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'overdue', 'acknowledged')),
  raised_at timestamptz NOT NULL,
  due_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by uuid,
  acknowledged_role text,
  outcome text,
  CHECK ((state = 'acknowledged') = (outcome IS NOT NULL))
);
CREATE INDEX risk_answer_due ON risk_answer (due_at) WHERE state = 'open';
CREATE INDEX risk_answer_client ON risk_answer (client_id);
CREATE INDEX risk_answer_offer ON risk_answer (offer_id);
