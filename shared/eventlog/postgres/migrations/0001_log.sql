-- The event log in PostgreSQL: topics of numbered partitions, and the places of consumer groups in them.

CREATE TABLE topics (
  topic_id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text UNIQUE NOT NULL,
  parts smallint NOT NULL CHECK (parts > 0),
  retention interval NOT NULL,
  max_bytes int NOT NULL DEFAULT 1048576
);

-- One row a partition. Who appends holds its row until the commit, so offsets become visible in order.
CREATE TABLE heads (
  topic_id smallint REFERENCES topics,
  part smallint,
  next_off bigint NOT NULL DEFAULT 0,
  start_off bigint NOT NULL DEFAULT 0,
  last_ts timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (topic_id, part)
) WITH (fillfactor = 50);

-- Headers stay text: handed on as they came, with their order, their duplicates and U+0000, which jsonb refuses.
CREATE TABLE log (
  topic_id smallint,
  part smallint,
  off bigint,
  ts timestamptz NOT NULL,
  key bytea,
  headers text NOT NULL,
  value bytea,
  PRIMARY KEY (topic_id, part, off)
);

CREATE TABLE members (
  grp text,
  member uuid,
  topics smallint[] NOT NULL,
  joined timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease_until timestamptz NOT NULL,
  PRIMARY KEY (grp, member)
) WITH (fillfactor = 50);

-- `off` is the next to read. Until a group commits, committed_at is null and `off` is where it began.
CREATE TABLE offsets (
  grp text,
  topic_id smallint,
  part smallint,
  off bigint NOT NULL,
  owner uuid,
  fence bigint NOT NULL DEFAULT 0,
  committed_at timestamptz,
  meta text,
  PRIMARY KEY (grp, topic_id, part)
) WITH (fillfactor = 50);

-- The first offset whose record is not older than a moment; one past the end if there is none.
-- Timestamps never fall along a partition, so the primary key can be searched by halving.
CREATE FUNCTION place_at(in_topic smallint, in_part smallint, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint;
  high bigint;
  middle bigint;
  found record;
BEGIN
  SELECT start_off, next_off INTO low, high FROM heads WHERE topic_id = in_topic AND part = in_part;
  WHILE low < high LOOP
    middle := (low + high) / 2;
    SELECT off, ts INTO found FROM log
    WHERE topic_id = in_topic AND part = in_part AND off >= middle AND off < high ORDER BY off LIMIT 1;
    IF found IS NULL OR found.ts >= moment THEN
      high := middle;
    ELSE
      low := found.off + 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;
