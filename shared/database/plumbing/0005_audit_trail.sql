-- Reading the trail. The app's role cannot read it; it may ask whom one person looked at, who looked at one person,
-- and what was read lately, and each of these is a function. What still waits to be sealed is part of the answer.
CREATE INDEX audit_actor ON audit (actor, at);
CREATE INDEX audit_at ON audit USING brin (at);

CREATE FUNCTION audit_about(subject uuid, before timestamptz, most int)
RETURNS TABLE (at timestamptz, actor text, roles text[], purpose text, source text, action text, about_count int,
               about uuid[], fields text[], trace_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT at, actor, roles, purpose, source, action, cardinality(about), ARRAY[subject], fields, trace_id FROM (
    (SELECT at, actor, roles, purpose, source, action, about, fields, trace_id FROM public.audit
      WHERE about @> ARRAY[subject] AND at < before AND actor <> 'system' ORDER BY at DESC LIMIT most)
    UNION ALL
    (SELECT at, actor, roles, purpose, source, action, about, fields, trace_id FROM public.audit_waiting
      WHERE about @> ARRAY[subject] AND at < before AND actor <> 'system' ORDER BY at DESC LIMIT most)) AS both_of_them
  ORDER BY at DESC LIMIT most
$$;

CREATE FUNCTION audit_by(who text, before timestamptz, most int)
RETURNS TABLE (at timestamptz, actor text, roles text[], purpose text, source text, action text, about_count int,
               about uuid[], fields text[], trace_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT at, actor, roles, purpose, source, action, cardinality(about), ARRAY[]::uuid[], fields, trace_id FROM (
    (SELECT at, actor, roles, purpose, source, action, about, fields, trace_id FROM public.audit
      WHERE actor = who AND at < before ORDER BY at DESC LIMIT most)
    UNION ALL
    (SELECT at, actor, roles, purpose, source, action, about, fields, trace_id FROM public.audit_waiting
      WHERE actor = who AND at < before ORDER BY at DESC LIMIT most)) AS both_of_them
  ORDER BY at DESC LIMIT most
$$;

-- What people, not the program, looked at since a moment.
CREATE FUNCTION audit_since(since timestamptz)
RETURNS TABLE (at timestamptz, actor text, roles text[], purpose text, source text, action text, about_count int,
               about uuid[], fields text[], trace_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT at, actor, roles, purpose, source, action, cardinality(about), about, fields, trace_id
    FROM public.audit WHERE at >= since AND actor <> 'system'
  UNION ALL
  SELECT at, actor, roles, purpose, source, action, cardinality(about), about, fields, trace_id
    FROM public.audit_waiting WHERE at >= since AND actor <> 'system'
$$;
REVOKE ALL ON FUNCTION audit_about(uuid, timestamptz, int), audit_by(text, timestamptz, int),
  audit_since(timestamptz) FROM PUBLIC;

-- What looked unusual, by simple rules (shared/security/audit/unusual.py): once a person, a kind and an hour.
CREATE TABLE unusual_access (
  actor text NOT NULL,
  kind text NOT NULL,
  hour timestamptz NOT NULL,
  number int NOT NULL,
  noticed_at timestamptz NOT NULL,
  PRIMARY KEY (actor, kind, hour)
);
CREATE INDEX unusual_access_noticed ON unusual_access (noticed_at);
