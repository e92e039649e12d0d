-- The words of measures that a clinic brought under its own licence; the highest number counts, none is ever changed.
-- They are no personal data. licence_held: who imported them said that the clinic may use them in this context.
CREATE TABLE wording (
  measure_id text NOT NULL,
  measure_version int NOT NULL,
  language text NOT NULL,
  number int NOT NULL,
  words jsonb NOT NULL,
  content_hash text NOT NULL,
  context text NOT NULL CHECK (context IN ('clinical', 'commercial', 'educational', 'research')),
  licence_held boolean NOT NULL CHECK (licence_held),
  commercial_confirmed boolean NOT NULL,
  imported_at timestamptz NOT NULL,
  imported_by uuid,
  PRIMARY KEY (measure_id, measure_version, language, number)
);
