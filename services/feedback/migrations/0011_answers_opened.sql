-- Who has last opened a client's answers: a fact of its own, which decides whether an impression was blind.
-- The audit trail, which told it so far, is no longer open to the service.
CREATE TABLE answers_opened (
  client_id uuid NOT NULL,
  actor uuid NOT NULL,
  opened_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, actor)
);

INSERT INTO answers_opened (client_id, actor, opened_at)
SELECT client_id, actor::uuid, max(at)
FROM audit CROSS JOIN unnest(about) AS client_id
WHERE action IN ('course.read', 'checkin.read', 'export.made')
  AND actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
GROUP BY client_id, actor;
