"""The next session: what to have in mind, and what to note afterwards."""
