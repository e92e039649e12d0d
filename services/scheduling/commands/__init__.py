"""What can be done about hours. The caller holds the transaction; nothing here commits or asks a clock."""
