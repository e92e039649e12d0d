"""Where courses, sessions, readings and episodes are kept."""
