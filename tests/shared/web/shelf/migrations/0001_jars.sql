CREATE TABLE jar (
  id uuid PRIMARY KEY,
  label text NOT NULL,
  grams int NOT NULL,
  version int NOT NULL DEFAULT 1,
  filled_at timestamptz NOT NULL
);
