"""What can be done about offers and forms; the caller holds the transaction."""
