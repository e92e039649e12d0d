"""What can be done about readings, episodes and rules; the caller holds the transaction."""
