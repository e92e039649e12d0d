"""Whose relationship needs a conversation first, and why."""
