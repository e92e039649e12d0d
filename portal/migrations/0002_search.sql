-- What somebody last searched for, sealed, so that the Back button finds it again; gone with the sign-in.
ALTER TABLE sign_in ADD COLUMN search bytea;
