-- Who stands in for a therapist, and until when; ended earlier, `ends_at` is brought forward.
CREATE TABLE deputy (
  deputising_id uuid PRIMARY KEY,
  version int NOT NULL,
  practitioner_id uuid NOT NULL REFERENCES practitioner,
  deputy_id uuid NOT NULL REFERENCES practitioner,
  begins_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  named_at timestamptz NOT NULL,
  named_by uuid,
  CHECK (deputy_id <> practitioner_id),
  CHECK (ends_at >= begins_at)
);
CREATE INDEX deputy_days ON deputy (deputy_id, ends_at);
CREATE INDEX deputy_practitioner ON deputy (practitioner_id, ends_at);
