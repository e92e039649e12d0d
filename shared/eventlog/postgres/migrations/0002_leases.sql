-- How long a member's lease is, so that one further ahead than that is known for what a clock that stepped back left.
ALTER TABLE members ADD COLUMN lease interval NOT NULL DEFAULT '10 seconds';
