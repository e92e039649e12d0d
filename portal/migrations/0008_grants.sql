-- Rights that open what clients said, or that give rights, take two people; so does resetting the second step of
-- whoever has them. Where there is no second person it takes effect at once, and everybody concerned is told.

ALTER TABLE staff DROP CONSTRAINT staff_roles_check;  -- an account may wait for its first role

CREATE TABLE role_grant (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('roles', 'second_step_reset')),
  staff_id uuid NOT NULL REFERENCES staff (id),
  roles text[] NOT NULL,
  asked_by uuid NOT NULL REFERENCES staff (id),
  asked_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('pending', 'confirmed', 'refused', 'replaced', 'alone')),
  decided_by uuid REFERENCES staff (id),
  decided_at timestamptz,
  CHECK ((state = 'pending') = (decided_at IS NULL)),
  CHECK (state <> 'confirmed' OR (decided_by <> asked_by AND decided_by <> staff_id))
);
CREATE UNIQUE INDEX role_grant_pending ON role_grant (staff_id, kind) WHERE state = 'pending';
CREATE INDEX role_grant_decided ON role_grant (decided_at);

-- What was decided stays as it was decided, and stands where everybody concerned sees it.
CREATE FUNCTION keep_role_grant() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a decided grant is neither changed nor removed'; END $$;
CREATE TRIGGER role_grant_update BEFORE UPDATE ON role_grant
  FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION keep_role_grant();
CREATE TRIGGER role_grant_delete BEFORE DELETE ON role_grant
  FOR EACH ROW EXECUTE FUNCTION keep_role_grant();
