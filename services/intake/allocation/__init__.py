"""Two people come together, begin, and come to an end."""
