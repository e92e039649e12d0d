-- The second line behind the stores' conditions: a transaction that answers a therapist or a supervisor sees the rows
-- of their clients alone, whatever its statement forgot to ask (services/feedback/care/store/deputies.py sets both).
-- What tells only that somebody is whose client (client, consent, allocation, supervision, deputy) is not among them:
-- policies, and packs, decide by it. The role that owns the tables is not bound by this; the app's role owns nothing.

-- Evaluated once a statement: as a subquery it becomes an InitPlan.
DO $$
DECLARE
  part text;
BEGIN
  FOREACH part IN ARRAY ARRAY['hour', 'course', 'offer', 'checkin', 'episode', 'wish', 'supervision_point',
                              'reach_out_note', 'client_plan', 'risk_answer', 'answers_opened'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format($policy$
      CREATE POLICY of_the_scope ON %I USING (
        (SELECT current_setting('rapport.reach', true)) = 'all'
        OR client_id = ANY ((SELECT nullif(current_setting('rapport.clients', true), '')::uuid[])::uuid[]))
    $policy$, part);
  END LOOP;
  -- Rows that know their client through their course alone; the course's own policy decides.
  FOREACH part IN ARRAY ARRAY['reading', 'decision'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format($policy$
      CREATE POLICY of_the_scope ON %I USING (
        (SELECT current_setting('rapport.reach', true)) = 'all'
        OR EXISTS (SELECT 1 FROM course c WHERE c.id = course_id))
    $policy$, part);
  END LOOP;
END $$;

ALTER TABLE checkin_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_the_scope ON checkin_version USING (
  (SELECT current_setting('rapport.reach', true)) = 'all'
  OR EXISTS (SELECT 1 FROM offer o WHERE o.id = offer_id));
ALTER TABLE episode_note ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_the_scope ON episode_note USING (
  (SELECT current_setting('rapport.reach', true)) = 'all'
  OR EXISTS (SELECT 1 FROM episode e WHERE e.id = episode_id));
