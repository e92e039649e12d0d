"""What can be done in intake. Each takes the caller's open transaction, a scope and `now`, and commits nothing."""
