"""What a weekly pack holds, and which week it is of. Pure functions only."""
