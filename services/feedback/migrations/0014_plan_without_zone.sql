-- The clinic's own zone counts days; a plan's was kept and never read.
-- An older release names the column when a plan is changed: stop it first.
ALTER TABLE plan DROP COLUMN zone;
