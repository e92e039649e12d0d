-- Who stands in for a therapist, and until when, as intake tells it.
CREATE TABLE deputy (
  deputising_id uuid PRIMARY KEY,
  practitioner_id uuid NOT NULL,
  deputy_id uuid NOT NULL,
  begins_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX deputy_days ON deputy (deputy_id, ends_at);
