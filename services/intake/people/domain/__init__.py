"""What is true about people: what is kept of a name, how it is found, which way a client takes. Pure functions only."""
