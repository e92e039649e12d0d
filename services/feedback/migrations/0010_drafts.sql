-- What is half filled in belongs to the browser in which it was begun: opened anywhere else, a form begins with nothing.

-- browser_id: which openings were made by one browser. It is no secret and opens nothing; a browser proves itself
-- by the handle in its cookie, of which only the hash is here.
ALTER TABLE link ADD COLUMN browser_id uuid;
UPDATE link SET browser_id = gen_random_uuid() WHERE handle_hash IS NOT NULL;
ALTER TABLE link ADD CONSTRAINT link_browser CHECK ((handle_hash IS NULL) = (browser_id IS NULL));

-- Drafts of before do not say who typed them: a newer link took over what an older one had begun, whoever opened it.
-- To give them to any browser could show a person's unsent answers to somebody else, so they go.
DELETE FROM draft;
ALTER TABLE draft DROP CONSTRAINT draft_pkey;
ALTER TABLE draft ADD COLUMN browser_id uuid NOT NULL;
ALTER TABLE draft ADD PRIMARY KEY (offer_id, browser_id);

-- The browser that sent a form is thanked for it, and shown help where it asked for some; no other browser is.
-- NULL: entered by staff, or kept before this was noted.
ALTER TABLE checkin ADD COLUMN browser_id uuid;
