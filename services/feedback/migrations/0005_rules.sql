-- Which version of the reader's rules is in force, and which ones were: the highest number counts.
-- sigma0: the starting spread within one client that it goes by, in points of the project's own form.
CREATE TABLE rules_switch (
  number int PRIMARY KEY,
  version text NOT NULL,
  sigma0 double precision NOT NULL,
  switched_on_at timestamptz NOT NULL,
  switched_on_by uuid,
  reason text NOT NULL
);

-- A clinic that has been reading goes on as it did until somebody decides; a new one begins with the newest rules.
INSERT INTO rules_switch (number, version, sigma0, switched_on_at, switched_on_by, reason)
SELECT 1, CASE WHEN began IS NULL THEN 'reader-2' ELSE 'reader-1' END, 8.0, coalesce(began, now()), NULL,
       'The rules this clinic began with.'
  FROM (SELECT min(created_at) AS began FROM course) first;

-- Courses that are still to be read by the rules in force.
CREATE INDEX course_rules ON course (rules_version, id);
