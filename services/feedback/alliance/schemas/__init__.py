"""The shapes of courses, episodes and rules."""
