-- Who the people are. Columns of type bytea hold sealed text; nothing else in here says who somebody is.

-- A client's version counts the events told of them: 1, 2, 3 without a gap.
CREATE TABLE client (
  client_id uuid PRIMARY KEY,
  version int NOT NULL,
  spoken_code text NOT NULL UNIQUE CHECK (spoken_code ~ '^[A-Z]-[0-9]{4,6}$'),
  state text NOT NULL
    CHECK (state IN ('waiting_for_decision', 'declined', 'waiting', 'allocated', 'in_therapy', 'ended')),
  since timestamptz NOT NULL,
  registered_at timestamptz NOT NULL
);
CREATE INDEX client_since ON client (since, client_id);
CREATE INDEX client_registered ON client (registered_at, client_id);

-- The number in a spoken code ("K-1042"); owned by the table so that it is emptied with it.
CREATE SEQUENCE spoken_number START 1001 OWNED BY client.spoken_code;

CREATE TABLE identity (
  client_id uuid PRIMARY KEY REFERENCES client,
  given_name bytea NOT NULL,
  family_name bytea NOT NULL,
  preferred_name bytea,
  birth_date bytea NOT NULL,
  phone bytea,
  email bytea,
  contact_note bytea
);

-- Blind indexes: keyed hashes of name words, phone numbers and e-mail addresses.
CREATE TABLE look_up (
  kind text NOT NULL CHECK (kind IN ('name', 'name_exact', 'phone', 'email')),
  token bytea NOT NULL,
  client_id uuid NOT NULL REFERENCES client,
  PRIMARY KEY (kind, token, client_id)
);
CREATE INDEX look_up_client ON look_up (client_id);

CREATE TABLE referral (
  referral_id uuid PRIMARY KEY,
  version int NOT NULL,
  client_id uuid NOT NULL REFERENCES client,
  state text NOT NULL CHECK (state IN ('received', 'accepted', 'declined')),
  source text NOT NULL,
  note bytea,
  received_at timestamptz NOT NULL,
  decided_at timestamptz,
  reason_code text,
  CHECK ((state = 'received') = (decided_at IS NULL)),
  CHECK ((state = 'declined') = (reason_code IS NOT NULL))
);
CREATE INDEX referral_received ON referral (received_at, referral_id);
CREATE INDEX referral_client ON referral (client_id);

-- Every answer that was ever given; the newest for a purpose holds.
CREATE TABLE consent (
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consent_id uuid NOT NULL UNIQUE,
  client_id uuid NOT NULL REFERENCES client,
  purpose text NOT NULL,
  state text NOT NULL CHECK (state IN ('given', 'withdrawn')),
  text_version text NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX consent_client ON consent (client_id, no);

-- Practitioners as scheduling told of them; a staff id is a practitioner id.
CREATE TABLE practitioner (
  practitioner_id uuid PRIMARY KEY,
  added_at timestamptz NOT NULL
);

-- Who is with whom, now and before; at most one at a time.
CREATE TABLE allocation (
  allocation_id uuid PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES client,
  practitioner_id uuid NOT NULL REFERENCES practitioner,
  allocated_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX allocation_now ON allocation (client_id) WHERE ended_at IS NULL;
CREATE INDEX allocation_caseload ON allocation (practitioner_id, client_id) WHERE ended_at IS NULL;

CREATE TABLE ending (
  client_id uuid PRIMARY KEY REFERENCES client,
  reason_code text NOT NULL,
  ended_at timestamptz NOT NULL
);
