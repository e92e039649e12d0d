-- The archive's partitions, one a day: the worker may ask for this upkeep without owning the table.
CREATE FUNCTION outbox_archive_upkeep() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  day date;
  part text;
BEGIN
  -- Ahead of time, so that the default partition holds no row of a day that gets its own.
  FOR ahead IN 1..3 LOOP
    day := current_date + ahead;
    part := 'outbox_archive_' || to_char(day, 'YYYYMMDD');
    IF to_regclass('public.' || part) IS NULL THEN
      EXECUTE format('CREATE TABLE public.%I PARTITION OF public.outbox_archive FOR VALUES FROM (%L) TO (%L)',
                     part, day, day + 1);
    END IF;
  END LOOP;
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.outbox_archive'::regclass AND c.relname ~ '^outbox_archive_\d{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - 31
  LOOP
    EXECUTE format('DROP TABLE public.%I', part);
  END LOOP;
  DELETE FROM public.outbox_archive_rest WHERE published_at < now() - interval '31 days';
END $$;
REVOKE ALL ON FUNCTION outbox_archive_upkeep() FROM PUBLIC;
