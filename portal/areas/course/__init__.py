"""The course of one relationship: before a session, together with the client, and at its end."""
