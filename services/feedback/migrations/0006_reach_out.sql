-- A client who calls off less than a day before is one of several small reasons to reach out.
ALTER TABLE hour ADD COLUMN late boolean NOT NULL DEFAULT false;

-- Somebody reached out, or decided not to for now. parts: what stood on the list then (code -> since when).
CREATE TABLE reach_out_note (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('reached_out', 'not_now')),
  reached_on date,
  reason text,
  parts jsonb NOT NULL,
  noted_by uuid,
  noted_at timestamptz NOT NULL,
  withdrawn_by uuid,
  withdrawn_at timestamptz,
  CHECK ((kind = 'reached_out') = (reached_on IS NOT NULL) AND (kind = 'not_now') = (reason IS NOT NULL))
);
CREATE INDEX reach_out_note_client ON reach_out_note (client_id, noted_at) WHERE withdrawn_at IS NULL;
