-- The second step of signing in: codes of an authenticator app, passkeys, and recovery codes for a lost phone.

-- Accounts of the fictional demo clinic come in without a second step; no page makes such an account.
ALTER TABLE staff ADD COLUMN is_demo boolean NOT NULL DEFAULT false;

-- `second_step_at`: when this sign-in passed it. `proved_at`: when its owner last proved to be there, for what asks for
-- it afresh. `held`: a form that came while the sign-in was locked or proof was missing, sealed, until its owner is back.
ALTER TABLE sign_in
  ADD COLUMN second_step_at timestamptz,
  ADD COLUMN proved_at timestamptz,
  ADD COLUMN held bytea;

-- RFC 6238. The last step of time that was used is kept, so that a code counts once.
CREATE TABLE totp (
  staff_id uuid PRIMARY KEY REFERENCES staff (id),
  secret bytea,   -- sealed; NULL until a first code was right
  pending bytea,  -- sealed; shown, and waiting for its first code
  last_step bigint NOT NULL DEFAULT 0
);

-- Web Authentication, level 3: the public half of a key that never leaves its device.
CREATE TABLE passkey (
  id uuid PRIMARY KEY,
  staff_id uuid NOT NULL REFERENCES staff (id),
  credential_id bytea NOT NULL UNIQUE,
  public_key bytea NOT NULL,
  sign_count bigint NOT NULL,
  label text NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX passkey_staff ON passkey (staff_id);

-- What a browser was asked to sign, by the hash of its cookie; answered once, within minutes.
CREATE TABLE passkey_challenge (
  browser bytea PRIMARY KEY CHECK (octet_length(browser) = 32),
  challenge bytea NOT NULL,
  made_at timestamptz NOT NULL
);

CREATE TABLE recovery_code (
  staff_id uuid NOT NULL REFERENCES staff (id),
  code_blind bytea NOT NULL,  -- under the portal's key: a stolen table cannot be searched
  used_at timestamptz,
  PRIMARY KEY (staff_id, code_blind)
);
