-- What a reader knows of each client; `in_order` turns false when an event comes late, twice or not at all.
CREATE TABLE course (
  reader text NOT NULL,
  client_id uuid NOT NULL,
  hours int NOT NULL,
  last_start timestamptz NOT NULL,
  sequence int NOT NULL,
  in_order boolean NOT NULL DEFAULT true,
  PRIMARY KEY (reader, client_id)
) WITH (fillfactor = 80);
