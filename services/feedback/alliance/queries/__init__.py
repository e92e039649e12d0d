"""What can be asked about courses, episodes and rules."""
