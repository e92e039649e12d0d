-- Audit without a queue: a request adds an entry here, unchained, in its own transaction; nobody waits for anybody.
-- The sealer takes entries out again and puts them into the chain (shared/security/audit/sealer.py).
CREATE TABLE audit_waiting (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  roles text[] NOT NULL,
  purpose text NOT NULL,
  source text NOT NULL,
  action text NOT NULL,
  about uuid[] NOT NULL,
  fields text[] NOT NULL,
  trace_id text NOT NULL,
  added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- How long the oldest waits, and when the chain last grew: for the metrics, which ask as the app's role.
ALTER TABLE audit_head ADD COLUMN sealed_at timestamptz;
CREATE FUNCTION audit_state(OUT waiting bigint, OUT oldest_seconds float8, OUT sealed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (SELECT count(*) FROM public.audit_waiting),
         (SELECT extract(epoch FROM clock_timestamp() - added_at) FROM public.audit_waiting ORDER BY seq LIMIT 1)::float8,
         (SELECT h.sealed_at FROM public.audit_head h)
$$;
REVOKE ALL ON FUNCTION audit_state() FROM PUBLIC;

-- The chain's partitions, one a month, made ahead of time; what falls between stays in the default partition.
-- The sealer may ask for this upkeep without owning the table, and for the months around another day.
CREATE FUNCTION audit_upkeep(around date DEFAULT current_date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  month date;
  part text;
BEGIN
  FOR ahead IN 0..3 LOOP
    month := (date_trunc('month', around::timestamp) + make_interval(months => ahead))::date;
    part := 'audit_' || to_char(month, 'YYYYMM');
    -- The demo clinic and a clock that was wrong write ahead: rows of a month stay where they are.
    CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL
      OR EXISTS (SELECT 1 FROM public.audit_rest r
                 WHERE r.at >= month::timestamptz AND r.at < (month + interval '1 month')::timestamptz);
    EXECUTE format('CREATE TABLE public.%I PARTITION OF public.audit FOR VALUES FROM (%L) TO (%L)',
                   part, month::timestamptz, (month + interval '1 month')::timestamptz);
    -- Whatever the owner's default privileges are: rows are added through `audit` alone.
    EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC', part);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION audit_upkeep(date) FROM PUBLIC;
