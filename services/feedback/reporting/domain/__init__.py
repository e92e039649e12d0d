"""What figures count, over which periods, and which are withheld. Pure functions only."""
