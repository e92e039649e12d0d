"""The day: what happens today, and what has to be read first."""
