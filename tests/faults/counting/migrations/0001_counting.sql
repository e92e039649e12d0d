CREATE TABLE counter (
  client uuid PRIMARY KEY,
  count int NOT NULL
) WITH (fillfactor = 50);
