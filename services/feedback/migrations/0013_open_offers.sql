-- A therapist's open forms, oldest first: without it, every form that was ever out was looked at.
CREATE INDEX offer_practitioner ON offer (practitioner_id, offered_at, id) WHERE state = 'open';
