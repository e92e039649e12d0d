"""What is true about appointments in the clinic. Pure functions only."""
