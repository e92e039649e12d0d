-- A course may be on any measure: of the relationship (alliance), or of how things are (outcome and others).
ALTER TABLE course ADD COLUMN construct text NOT NULL DEFAULT 'alliance';
CREATE INDEX course_pair ON course (client_id, practitioner_id, construct);
