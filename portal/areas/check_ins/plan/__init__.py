"""What the clinic asks, and when."""
