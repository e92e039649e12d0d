-- A parked record is known by what it is besides where it lay: on a log that was made anew, or brought back from a
-- backup, offsets are given a second time. Of a record that is too large to keep, its place and digest are kept alone.
ALTER TABLE parked_events ADD COLUMN digest bytea NOT NULL DEFAULT '', ADD COLUMN whole boolean NOT NULL DEFAULT true;
UPDATE parked_events SET digest = sha256(
  convert_to(octet_length(key) || '|' || octet_length(headers) || '|' || coalesce(octet_length(value)::text, '-') || '|', 'UTF8')
  || key || convert_to(headers, 'UTF8') || coalesce(value, ''::bytea));
ALTER TABLE parked_events DROP CONSTRAINT parked_events_consumer_topic_partition_offset_key;
ALTER TABLE parked_events ADD UNIQUE (consumer, topic, partition, "offset", digest);

-- Where the log began when a group began to read a partition: 0 if it has read the partition from its first record on.
CREATE TABLE inbox_start (
  consumer text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  PRIMARY KEY (consumer, topic, partition)
);
-- The first sequence heard of an aggregate's story that was taken up in its middle.
ALTER TABLE inbox_sequence ADD COLUMN begun int NOT NULL DEFAULT 1;

-- The archive's partitions, as in 0002, but rows that a wrong clock has dated ahead are moved to their day's partition
-- when it is made; returns how many. No more than two days go at a time: a clock that is wrong for an hour must not
-- empty the archive.
DROP FUNCTION outbox_archive_upkeep();
CREATE FUNCTION outbox_archive_upkeep() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  day date;
  part text;
  moved bigint;
  total bigint := 0;
BEGIN
  FOR ahead IN 1..3 LOOP
    day := current_date + ahead;
    part := 'outbox_archive_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
    -- Nobody may add a row of this day to the default partition from here to the commit.
    LOCK TABLE public.outbox_archive_rest IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.outbox_archive)', part);
    EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC', part);
    EXECUTE format('WITH ahead AS (DELETE FROM public.outbox_archive_rest WHERE published_at >= %L AND published_at < %L '
                   'RETURNING *) INSERT INTO public.%I SELECT * FROM ahead', day, day + 1, part);
    GET DIAGNOSTICS moved = ROW_COUNT;
    total := total + moved;
    EXECUTE format('ALTER TABLE public.outbox_archive ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                   part, day, day + 1);
  END LOOP;
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.outbox_archive'::regclass AND c.relname ~ '^outbox_archive_\d{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - 31
    ORDER BY c.relname LIMIT 2
  LOOP
    EXECUTE format('DROP TABLE public.%I', part);
  END LOOP;
  DELETE FROM public.outbox_archive_rest WHERE published_at < now() - interval '31 days';
  RETURN total;
END $$;
REVOKE ALL ON FUNCTION outbox_archive_upkeep() FROM PUBLIC;
