"""Whose client somebody is, whom a scope opens, and on which day of the clinic a moment lies: what every slice asks."""
