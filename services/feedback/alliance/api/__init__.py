"""How others ask about courses, episodes and rules."""
