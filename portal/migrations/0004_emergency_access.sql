-- A clinician opened one client outside of any relationship, with a reason, for an hour.
CREATE TABLE emergency_access (
  id uuid PRIMARY KEY,
  staff_id uuid NOT NULL REFERENCES staff (id),
  client_id uuid NOT NULL,
  spoken_code text NOT NULL,
  therapist_id uuid,
  category text NOT NULL,
  reason bytea NOT NULL,  -- sealed
  opened_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  seen_at timestamptz,    -- by the client's therapist
  outcome text,           -- what the clinical lead found when looking at it again
  reviewed_by uuid REFERENCES staff (id),
  reviewed_at timestamptz,
  CHECK ((outcome IS NULL) = (reviewed_at IS NULL)),
  CHECK (reviewed_by IS DISTINCT FROM staff_id)
);
CREATE INDEX emergency_access_staff ON emergency_access (staff_id, client_id, ends_at);
CREATE INDEX emergency_access_open ON emergency_access (opened_at) WHERE outcome IS NULL;
CREATE INDEX emergency_access_therapist ON emergency_access (therapist_id) WHERE seen_at IS NULL;
