-- When and where. Clients are an id and a spoken code; no name is ever kept here.

-- Whatever can be busy. Its number is the key of the advisory lock and of the constraint below.
CREATE TABLE resource (
  resource_no int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('practitioner', 'room', 'client')),
  UNIQUE (kind, id)
);

CREATE TABLE practitioner (
  practitioner_id uuid PRIMARY KEY,
  resource_no int NOT NULL UNIQUE REFERENCES resource,
  zone text NOT NULL,
  added_at timestamptz NOT NULL
);

CREATE TABLE room (
  room_id uuid PRIMARY KEY,
  resource_no int NOT NULL UNIQUE REFERENCES resource,
  label text NOT NULL CHECK (char_length(label) BETWEEN 1 AND 64),
  added_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX room_label ON room (lower(label));

-- Heard from intake; a stub without a code until its registration is heard.
CREATE TABLE client (
  client_id uuid PRIMARY KEY,
  resource_no int NOT NULL UNIQUE REFERENCES resource,
  spoken_code text,
  first_heard_at timestamptz NOT NULL
);

-- Who works with whom, heard from intake. Facts of another service: no foreign keys.
CREATE TABLE allocation (
  allocation_id uuid PRIMARY KEY,
  client_id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  allocated_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX allocation_of_client ON allocation (client_id, practitioner_id);

CREATE TABLE series (
  series_id uuid PRIMARY KEY,
  client_id uuid NOT NULL REFERENCES client,
  practitioner_id uuid NOT NULL REFERENCES practitioner,
  rule text NOT NULL,
  local_start timestamp NOT NULL,
  zone text NOT NULL,
  minutes int NOT NULL,
  booked_at timestamptz NOT NULL
);

CREATE TABLE appointment (
  appointment_id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  status text NOT NULL CHECK (status IN (
    'booked', 'arrived', 'completed', 'no_show', 'client_cancelled', 'late_cancelled', 'clinic_cancelled')),
  client_id uuid NOT NULL REFERENCES client,
  practitioner_id uuid NOT NULL REFERENCES practitioner,
  room_id uuid REFERENCES room,
  type_code text NOT NULL,
  modality text NOT NULL CHECK (modality IN ('in_person', 'video', 'phone')),
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  -- What was agreed, and where; the instants follow from it.
  local_start timestamp NOT NULL,
  zone text NOT NULL,
  series_id uuid REFERENCES series,
  recurrence_id timestamp,
  detached boolean NOT NULL DEFAULT false,
  booked_at timestamptz NOT NULL,
  status_changed_at timestamptz NOT NULL,
  previous_status text,
  reason_code text,
  late boolean NOT NULL DEFAULT false,
  late_waived boolean NOT NULL DEFAULT false,
  attendance_code text,
  UNIQUE (series_id, recurrence_id),
  CHECK ((series_id IS NULL) = (recurrence_id IS NULL))
);
CREATE INDEX appointment_by_time ON appointment (starts_at, appointment_id);
CREATE INDEX appointment_of_practitioner ON appointment (practitioner_id, starts_at);
CREATE INDEX appointment_of_client ON appointment (client_id, starts_at);

-- Who and what an appointment keeps busy. Half-open ranges: hours that touch do not overlap.
CREATE TABLE occupancy (
  appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
  resource_no int NOT NULL REFERENCES resource,
  during tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
  blocking boolean NOT NULL,
  PRIMARY KEY (appointment_id, resource_no),
  -- int4range(n, n, '[]') stands in for equality, which GiST lacks without an extension.
  CONSTRAINT no_double_booking EXCLUDE USING gist
    (int4range(resource_no, resource_no, '[]') WITH &&, during WITH &&) WHERE (blocking)
);

CREATE VIEW appointment_shown AS
  SELECT a.*, c.spoken_code FROM appointment a JOIN client c USING (client_id);
