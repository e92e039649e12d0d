"""A fictional clinic with half a year behind it, made by driving the services' own commands."""
