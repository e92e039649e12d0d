-- No key on event or count: an effect that happened twice must be able to show.
CREATE TABLE effect (
  no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client uuid NOT NULL,
  count int NOT NULL,
  event_id text NOT NULL
);
