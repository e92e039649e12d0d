"""What stood out, and emergencies to look at again."""
