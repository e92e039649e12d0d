"""The day: everybody's for the desk, one's own for a therapist."""
