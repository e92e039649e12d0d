-- An entry that staff made by mistake is withdrawn: what stood there becomes a version, too, and outlives the check-in.
-- withdrawn: the whole check-in, which an undo puts back; NULL for what a correction took the place of.
ALTER TABLE checkin_version DROP CONSTRAINT checkin_version_offer_id_fkey;
ALTER TABLE checkin_version ADD FOREIGN KEY (offer_id) REFERENCES offer;
ALTER TABLE checkin_version ADD COLUMN withdrawn jsonb;
ALTER TABLE checkin_version ADD COLUMN restored_at timestamptz;
ALTER TABLE checkin_version ADD COLUMN restored_by uuid;
ALTER TABLE checkin_version ADD CHECK (restored_at IS NULL OR withdrawn IS NOT NULL);
