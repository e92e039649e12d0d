"""Worklists: who needs a conversation first, whom to reach out to, and what to have in mind before a session."""
