"""What can be done about appointments. The caller holds the transaction; nothing here commits or asks a clock."""
