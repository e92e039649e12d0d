-- To whom a client's answers of a session were shown: a fact of its own, which decides whether an impression was
-- blind. The access log, which told it so far, can be added to by the portal, but not read.
CREATE TABLE answers_shown (
  staff_id uuid NOT NULL,
  appointment_id uuid NOT NULL,
  shown_at timestamptz NOT NULL,
  PRIMARY KEY (staff_id, appointment_id)
);

INSERT INTO answers_shown (staff_id, appointment_id, shown_at)
SELECT actor::uuid, substr(field, 9)::uuid, min(at)
FROM audit CROSS JOIN unnest(fields) AS field
WHERE field ~ '^answers:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  AND actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
GROUP BY actor, field;
