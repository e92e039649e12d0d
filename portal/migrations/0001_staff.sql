-- Who may come in, who has come in, and how often somebody knocked with a wrong password.

CREATE TABLE staff (
  id uuid PRIMARY KEY,
  username_blind bytea NOT NULL UNIQUE,
  username bytea NOT NULL,      -- sealed
  display_name bytea NOT NULL,  -- sealed
  password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
  roles text[] NOT NULL CHECK (cardinality(roles) > 0),
  is_active boolean NOT NULL DEFAULT true,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- A browser that is signed in. Only the SHA-256 of its id is kept.
CREATE TABLE sign_in (
  id_hash bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
  staff_id uuid NOT NULL REFERENCES staff (id),
  started_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL
);
CREATE INDEX sign_in_staff ON sign_in (staff_id);

-- Wrong passwords, counted for a name (known or not, so that guessing tells nothing) and a browser.
-- A browser that has once succeeded counts for itself; all others share the empty one.
CREATE TABLE failed_sign_in (
  name_blind bytea NOT NULL,
  device_hash bytea NOT NULL,
  failures int NOT NULL,
  last_at timestamptz NOT NULL,
  not_before timestamptz NOT NULL,
  PRIMARY KEY (name_blind, device_hash)
);
CREATE INDEX failed_sign_in_last ON failed_sign_in (last_at);

CREATE TABLE known_device (
  staff_id uuid NOT NULL REFERENCES staff (id),
  device_hash bytea NOT NULL CHECK (octet_length(device_hash) = 32),
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (staff_id, device_hash)
);

-- One-time codes that make the first manager's account.
CREATE TABLE setup_code (
  code_hash bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
