"""How readings are made: the rules in force, what others would change, switching."""
