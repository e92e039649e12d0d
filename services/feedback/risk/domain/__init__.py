"""What is true about risk answers and crisis information. Pure functions only."""
