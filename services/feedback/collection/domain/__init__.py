"""What is true about plans, offers, forms and sharing. Pure functions only."""
