"""What can be done; the caller holds the transaction, the clock and the scope."""
