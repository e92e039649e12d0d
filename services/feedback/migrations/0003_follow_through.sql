-- What people note about an episode, one row a note; withdrawn ones stay in the file.
CREATE TABLE episode_note (
  id uuid PRIMARY KEY,
  episode_id uuid NOT NULL REFERENCES episode,
  held_on date,
  not_yet text,
  tried text[] NOT NULL,
  noted_by uuid,
  noted_at timestamptz NOT NULL,
  withdrawn_by uuid,
  withdrawn_at timestamptz,
  CHECK (held_on IS NULL OR not_yet IS NULL)
);
CREATE INDEX episode_note_episode ON episode_note (episode_id, noted_at);

-- owner_id: who follows it through where that is not the practitioner of the course.
-- not_yet, tried: what the notes that stand say together, beside conversation_held_on.
ALTER TABLE episode ADD COLUMN owner_id uuid;
ALTER TABLE episode ADD COLUMN not_yet text;
ALTER TABLE episode ADD COLUMN tried text[] NOT NULL DEFAULT '{}';
ALTER TABLE episode ADD COLUMN closed_by text;

INSERT INTO episode_note (id, episode_id, held_on, tried, noted_by, noted_at)
SELECT gen_random_uuid(), id, conversation_held_on, '{}', conversation_noted_by,
       greatest(noticed_at, conversation_held_on::timestamp AT TIME ZONE 'UTC')
  FROM episode WHERE conversation_held_on IS NOT NULL;

UPDATE episode e SET closed_by = CASE
    WHEN close_reason = 'repaired' THEN 'answers'
    WHEN close_reason = 'superseded' THEN 'correction'
    WHEN EXISTS (SELECT 1 FROM decision d WHERE d.course_id = e.course_id AND d.kind = 'closed'
                 AND d.decided_at = e.closed_at) THEN 'person'
    ELSE 'ending' END
 WHERE close_reason IS NOT NULL;
-- Nothing closes in silence: a reason, and who or what.
ALTER TABLE episode ADD CONSTRAINT episode_closed_by CHECK ((close_reason IS NULL) = (closed_by IS NULL));
