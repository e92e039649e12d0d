"""What is true about hours in the clinic: time zones, statuses, series, cancellations. Pure functions only."""
