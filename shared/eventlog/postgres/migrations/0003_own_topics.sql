-- Everybody who may use the log reads all of it, and writes what `migrate_log` says is theirs: whoever takes over one
-- service's relay must not be able to delete or invent another's events, or move another group's place.

ALTER TABLE topics ENABLE ROW LEVEL SECURITY;
ALTER TABLE heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE offsets ENABLE ROW LEVEL SECURITY;

CREATE POLICY reading ON topics FOR SELECT USING (true);
CREATE POLICY reading ON heads FOR SELECT USING (true);
CREATE POLICY reading ON log FOR SELECT USING (true);
CREATE POLICY reading ON members FOR SELECT USING (true);
CREATE POLICY reading ON offsets FOR SELECT USING (true);
