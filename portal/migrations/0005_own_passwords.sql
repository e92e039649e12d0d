-- Everybody has a password of their own that nobody else ever knew; what happens to an account is told to its owner.

-- A first password was given by somebody else: good until then, for one sign-in, which leads to choosing one's own.
ALTER TABLE staff ADD COLUMN first_password_until timestamptz;

-- Where a browser is signed in from, as its owner may recognise it. `form_secret` makes the tokens of its forms and
-- stays the same when the id changes, so that a page left open in another window can still be sent.
DELETE FROM sign_in;
ALTER TABLE sign_in
  ADD COLUMN id uuid NOT NULL UNIQUE,
  ADD COLUMN form_secret text NOT NULL,
  ADD COLUMN network text NOT NULL,
  ADD COLUMN device text NOT NULL;

-- What happened to an account, for its owner; and tries under names that no account has, by their blind index alone.
CREATE TABLE account_event (
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  staff_id uuid REFERENCES staff (id),
  name_blind bytea,
  kind text NOT NULL CHECK (kind ~ '^[a-z_]+(\.[a-z_]+)+$'),
  actor uuid REFERENCES staff (id),  -- who did it, where it was somebody else
  address text NOT NULL,
  device text NOT NULL,
  CHECK ((staff_id IS NULL) <> (name_blind IS NULL))
);
CREATE INDEX account_event_staff ON account_event (staff_id, no DESC);
CREATE INDEX account_event_at ON account_event (at);
