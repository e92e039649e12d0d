-- Failed tries, so that guessing becomes slow. What is counted: an account from one network, one network as a whole,
-- or a browser that came in before. Only hashes of it are kept, and the account's blind index (empty for a network).

DROP TABLE failed_sign_in;

CREATE TABLE attempt (
  counter bytea PRIMARY KEY CHECK (octet_length(counter) = 32),
  account bytea NOT NULL,
  failures int NOT NULL,
  last_at timestamptz NOT NULL,
  not_before timestamptz NOT NULL
);
CREATE INDEX attempt_account ON attempt (account);
CREATE INDEX attempt_last ON attempt (last_at);
