"""What a list or a preparation shows."""
